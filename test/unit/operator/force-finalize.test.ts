import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { localShell } from "../facts/local-shell.ts";
import { stackOnFakeKube } from "./stack-on-fake-kube.ts";
import type { Answer } from "./stack-on-fake-kube.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const FORCE = "pgha.keybuzz.io/force-finalize";
const programs = mkdtempSync(join(tmpdir(), "pgha-systemctl-"));
// A pooler that runs and cannot be stopped.
writeFileSync(
  join(programs, "systemctl"),
  `#!/bin/sh
case $1 in
  show) printf 'Id=pgha-pgbouncer.service\\nLoadState=loaded\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\nMainPID=0\\n' ;;
  *) echo 'Job for pgha-pgbouncer.service was refused' >&2; exit 1 ;;
esac
`,
  { mode: 0o755 },
);
const hosts = new Map(["proxy-01", "proxy-02"].map((name) => [name, localShell()]));
after(() => {
  removeFolder(programs);
  for (const host of hosts.values()) host.remove();
});

const answer: Answer = async (name, command, options) => {
  if (options.holdUntil !== undefined) {
    options.onLine?.("locked");
    await options.holdUntil;
    return { exitCode: 0, stdout: "", stderr: "" };
  }
  const host = hosts.get(name);
  if (host === undefined) return { exitCode: 9, stdout: "", stderr: "no look today" };
  return host.run({ ...command, script: `PATH=${programs}:$PATH\n${command.script}` }, options);
};

it("lets go by annotation of what cannot be stopped, says where, and not before it was tried", async () => {
  const deleted = (annotations: Readonly<Record<string, string>>) =>
    stackOnFakeKube(
      {
        PgBouncerPool: (pool) => ({
          ...pool,
          metadata: {
            ...pool.metadata,
            annotations,
            deletionTimestamp: "2026-01-02T00:00:00Z",
            finalizers: ["pgha.keybuzz.io/hosts"],
          },
          spec: { ...(pool.spec as object), deletionPolicy: "Stop" },
        }),
      },
      answer,
    );
  const held = async (stack: Awaited<ReturnType<typeof deleted>>): Promise<boolean> => {
    await stack.visit();
    const left = stack.objects.get(stack.path("PgBouncerPool", "keybuzz-pgbouncer"));
    return (left?.metadata as { readonly finalizers?: readonly string[] } | undefined)?.finalizers?.length === 1;
  };
  const waiting = await deleted({});
  for (let turn = 0; turn < 3; turn += 1) assert.ok(await held(waiting), `turn ${turn}`);
  assert.match(waiting.events.join("\n"), /^StepFailed stop and disable pgha-pgbouncer\.service: .*was refused/m);

  const forced = await deleted({ [FORCE]: "true" });
  assert.ok(!(await held(forced)));
  assert.match(forced.events.join("\n"), /^ForceFinalized let go by annotation; not finished: proxy-01, proxy-02$/m);
});
