import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import { registryLogin, registryOf } from "../../../src/credentials/registry-login.ts";
import { readSecretDocument } from "../../../src/credentials/secret.ts";
import { maskedResult } from "../../../src/shell/masking.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const REFERENCE = `registry.example.com:5000/team/haproxy@${DIGEST}`;
const PASSWORD = "tell-nobody-this";
const AUTH = Buffer.from(`robot:${PASSWORD}`).toString("base64");

function login(stringData: Readonly<Record<string, string>>, reference = REFERENCE) {
  const { secret } = readSecretDocument({ apiVersion: "v1", kind: "Secret", metadata: { name: "r" }, stringData });
  assert.ok(secret !== undefined);
  return registryLogin(secret, reference);
}

function faultOf(stringData: Readonly<Record<string, string>>): string {
  const found = login(stringData);
  assert.ok(typeof found === "string");
  return found;
}

describe("a login to a registry", () => {
  it("is a username and a password for the registry that the image is of, or Docker's own file", () => {
    const entered = login({ username: "robot", password: PASSWORD });
    assert.ok(typeof entered === "object");
    assert.deepEqual(entered.auths, { "registry.example.com:5000": { auth: AUTH } });
    assert.deepEqual(entered.secrets, [PASSWORD, AUTH]);
    const auths = { "other.example.com": { auth: AUTH } };
    const whole = login({ ".dockerconfigjson": JSON.stringify({ auths }) });
    assert.ok(typeof whole === "object");
    assert.deepEqual(whole.auths, auths);
    assert.deepEqual(whole.secrets, [AUTH, PASSWORD]);
  });

  it("goes to the host that Docker would take the name for", () => {
    const hub = "https://index.docker.io/v1/";
    assert.deepEqual(
      ["haproxy", "library/haproxy", "docker.io/library/haproxy", "localhost/x", "ghcr.io/a/b", "r:5000/x"].map(
        registryOf,
      ),
      [hub, hub, hub, "localhost", "ghcr.io", "r:5000"],
    );
  });

  it("says what a Secret lacks that is none", () => {
    assert.match(faultOf({}), /neither \.dockerconfigjson nor username and password/);
    assert.match(faultOf({ username: "robot", password: "" }), /neither/);
    for (const text of ["", "{}", '{"auths": {}}', "no json"])
      assert.match(faultOf({ ".dockerconfigjson": text }), /has no auths/);
  });
});

describe("pulling an image", () => {
  const root = mkdtempSync(join(tmpdir(), "pgha-pull-"));
  after(() => removeFolder(root));

  it("shows the login to Docker alone, in memory, and leaves nothing of it", async () => {
    mkdirSync(join(root, "bin"));
    mkdirSync(join(root, "run"));
    writeFileSync(
      join(root, "bin/docker"),
      `#!/bin/sh\nprintf '%s\\n' "$*" >>${root}/argv; cp -p "$2/config.json" ${root}/seen; ` +
        `stat -c '%a' "$2" "$2/config.json" >${root}/modes; echo "denied for ${PASSWORD}" >&2; exit 1\n`,
    );
    chmodSync(join(root, "bin/docker"), 0o755);
    const registry = login({ username: "robot", password: PASSWORD });
    assert.ok(typeof registry === "object");
    const command = commandFor(
      { kind: "pull-image", title: "HAProxy", reference: REFERENCE },
      { ...MATERIAL, registry },
    );
    assert.ok(!`${command.script}${command.display}`.includes(PASSWORD));
    assert.ok(!`${command.script}${command.display}`.includes(AUTH));
    const shell = localShell((text) => `PATH=${root}/bin:$PATH\n${text.replaceAll("/run/pgha", join(root, "run"))}`);
    const result = maskedResult(command, await shell.run(command, { deadlineMs: 10_000 }));
    assert.equal(result.exitCode, 1);
    assert.equal(result.stderr, "denied for ***\n");
    assert.match(
      readFileSync(join(root, "argv"), "utf8"),
      /^--config \S+\/run\/pull\.\S+ pull registry\.example\.com:5000/,
    );
    assert.deepEqual(JSON.parse(readFileSync(join(root, "seen"), "utf8")), { auths: registry.auths });
    assert.equal(readFileSync(join(root, "modes"), "utf8"), "700\n600\n");
    assert.deepEqual(readdirSync(join(root, "run")), []);
  });

  it("without one leaves it to what root is logged in to there", () => {
    const { script } = commandFor({ kind: "pull-image", title: "HAProxy", reference: REFERENCE }, MATERIAL);
    assert.ok(script.startsWith(`set -eu\nexport HOME=/root; docker pull ${REFERENCE} >&2\n`), script);
  });

  it("gives it a name of pgha's own, by its id", async () => {
    const folder = join(root, "named");
    mkdirSync(folder);
    writeFileSync(
      join(folder, "docker"),
      `#!/bin/sh\necho "$*" >>${folder}/argv\n` +
        `case "$*" in *'{{.Id}}'*) echo ${DIGEST} ;; *"--format ."*) exit 1 ;; esac\n`,
    );
    chmodSync(join(folder, "docker"), 0o755);
    const command = commandFor({ kind: "pull-image", title: "HAProxy", reference: REFERENCE }, MATERIAL);
    const result = await localShell((text) => `PATH=${folder}:$PATH\n${text}`).run(command, { deadlineMs: 10_000 });
    assert.equal(result.exitCode, 0, result.stderr);
    const said = readFileSync(join(folder, "argv"), "utf8").trim().split("\n");
    assert.equal(said.at(-1), `tag ${REFERENCE} pgha/image:0123456789ab`);
  });
});
