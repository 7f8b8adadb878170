import assert from "node:assert/strict";
import { test } from "node:test";
import { HostKeyError } from "../../../src/errors.ts";
import { withApproval } from "../../../src/operator/hosts/approval.ts";
import { sh } from "../../../src/shell/command.ts";

const SEEN = { seenFingerprint: "SHA256:new", seenKey: "ssh-ed25519 AAAA" };

async function wayOut(details: {
  readonly host?: string;
  readonly reason?: "HostKeyChanged" | "HostKeyUnknown";
}): Promise<string> {
  const { host = "db-1", reason = "HostKeyChanged" } = details;
  const error = new HostKeyError(host, "another key", { reason, ...SEEN, wayOut: "set hostKey to the new key" });
  const shell = withApproval({ host: "db-1", run: () => Promise.reject(error) }, "life");
  return shell.run(sh`true`, { deadlineMs: 1 }).then(
    () => "",
    (thrown: unknown) => (thrown as HostKeyError).wayOut ?? "",
  );
}

test("who is told of a changed host key is told the command that approves it, to be copied", async () => {
  const command = "kubectl annotate --overwrite pgha --all -n life pgha.keybuzz.io/accept-host-key=db-1=SHA256:new";
  assert.equal(
    await wayOut({}),
    `set hostKey to the new key if the spec has one, and approve the machine: ${command} (the key it shows ` +
      "is ssh-ed25519 AAAA)",
  );
});

test("a key that nobody knew before, and a bastion's, belong into the spec alone", async () => {
  assert.deepEqual(
    [await wayOut({ reason: "HostKeyUnknown" }), await wayOut({ host: "the bastion of db-1" })],
    Array.from({ length: 2 }, () => "set hostKey to the new key"),
  );
});
