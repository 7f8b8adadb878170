import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import { AUDIT } from "../../../src/desired/audit.ts";
import { AUDITD } from "../../../src/desired/base-services.ts";
import { auditFact } from "../../../src/facts/audit.ts";
import type { AuditFact } from "../../../src/facts/audit.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const DIGEST = "d".repeat(64);

/** A real one is asked in test/integration/changes/audit.test.ts; one that is locked stays so until the next boot. */
describe("an auditctl that says", () => {
  const root = mkdtempSync(join(tmpdir(), "pgha-audit-"));
  mkdirSync(join(root, "run/pgha"), { recursive: true });
  const moved = (script: string): string =>
    `PATH=${root}/bin:$PATH\n` +
    script
      .replaceAll("/etc/audit", `${root}/etc/audit`)
      .replaceAll("/var/lib/pgha", `${root}/var/lib/pgha`)
      .replaceAll("/run/pgha", `${root}/run/pgha`);
  const shell = localShell(moved);
  const asked = join(root, "asked");
  after(() => removeFolder(root));

  /** `listed` are the rules of pgha's that it has. */
  const says = (status: string, listed = "No rules"): void => {
    mkdirSync(join(root, "bin"), { recursive: true });
    const program = join(root, "bin/auditctl");
    writeFileSync(
      program,
      `#!/bin/sh\necho "$*" >>${asked}\ncase $1 in -s) ;; *) echo '${listed}' ;; esac\n` +
        `case $1 in -l) ;; *) ${status} ;; esac\n`,
    );
    chmodSync(program, 0o755);
    writeFileSync(asked, "");
  };
  const look = async (folders: readonly string[] = []): Promise<AuditFact> => {
    const fact = auditFact({ folders });
    return fact.parse(await shell.run(fact.command, { deadlineMs: 5_000 }));
  };
  const note = (name: string, text: string): void => {
    mkdirSync(join(root, AUDIT.folder), { recursive: true });
    writeFileSync(join(root, name), text);
  };

  it("that it is locked is asked once, and no more once pgha has loaded rules", async () => {
    says("printf 'enabled 2\\nfailure 1\\nloginuid_immutable 0 unlocked\\n'");
    const found = await look(["/etc", "/nonesuch"]);
    assert.deepEqual(found, {
      refusal: undefined,
      switched: "locked",
      loaded: undefined,
      listed: 0,
      refused: undefined,
      waits: false,
      left: false,
      folders: ["/etc"],
    });
    assert.equal(readFileSync(asked, "utf8"), "-s\n");
  });

  it("which rules it has is compared with what it had when they were loaded", async () => {
    const rules = "-w /etc/passwd -p wa -k pgha-baseline\n-w /etc/group -p wa -k pgha-baseline";
    const status = "printf 'enabled 1\\nfailure 1\\n'";
    note(AUDIT.look, "");
    note(AUDIT.loaded, `${DIGEST}\n${rules}\n`);
    note(AUDIT.refused, `${"e".repeat(64)}\n-S nonesuch: refused\n`);
    says(status, rules);
    const { loaded, listed, left, refused } = await look();
    assert.deepEqual([loaded, listed, left], [DIGEST, 2, true]);
    assert.deepEqual(refused, { digest: "e".repeat(64), words: "-S nonesuch: refused" });
    assert.equal(readFileSync(asked, "utf8").trim(), `-R ${root}${AUDIT.look}`, "one process, whatever is asked");
    for (const other of [rules.split("\n")[0], `${rules}\n-w /etc/hosts -p wa -k pgha-baseline`, "No rules"]) {
      says(status, other);
      assert.equal((await look()).loaded, undefined, other);
    }
  });

  it("that there is none to be had is told in its first line", async () => {
    says("echo 'Error sending status request (Operation not permitted)' >&2; exit 1", "");
    const { refusal, switched, loaded } = await look();
    assert.deepEqual(
      [refusal, switched, loaded],
      ["Error sending status request (Operation not permitted)", undefined, undefined],
    );
  });

  it("that it is locked is given no rules, and changes nothing", async () => {
    says("echo 'enabled 2'");
    const change = { kind: "load-audit", content: "# x\n-w /a -k pgha-baseline\n", digest: DIGEST, rules: 1 } as const;
    const now = await shell.run(commandFor({ ...change, when: "now" }, MATERIAL), { deadlineMs: 5_000 });
    assert.equal(now.exitCode, 1);
    assert.match(now.stderr, /locked there \(enabled 2\)/);
    assert.equal(readFileSync(asked, "utf8"), "-s\n");
    const boot = await shell.run(commandFor({ ...change, when: "boot" }, MATERIAL), { deadlineMs: 5_000 });
    assert.equal(boot.exitCode, 0, boot.stderr);
    assert.equal(readFileSync(join(root, AUDIT.file), "utf8"), change.content);
    assert.deepEqual([(await look()).waits, readFileSync(asked, "utf8").includes("-D")], [true, false]);
  });

  it("that there is none to be had is asked that alone from then on, of which one process comes", async () => {
    const lacking = "echo 'Error sending status request (Operation not permitted)' >&2; exit 1";
    says(lacking, "");
    const change = { kind: "load-audit", content: "# x\n-w /a -k pgha-baseline\n", digest: DIGEST, rules: 1 } as const;
    const { exitCode } = await shell.run(commandFor({ ...change, when: "boot" }, MATERIAL), { deadlineMs: 5_000 });
    assert.equal(exitCode, 0);
    says(lacking, "");
    await look();
    assert.equal(readFileSync(asked, "utf8"), "-s\n");
  });

  it("no to rules that it took a moment before has those of the last time back", async () => {
    says("case $2 in *new.rules) echo 'No space' >&2; exit 1 ;; *tried.rules) cat $2; esac; echo enabled 1");
    mkdirSync(join(root, "etc/audit/rules.d"), { recursive: true });
    writeFileSync(join(root, AUDIT.file), "# x\n-D\n-w /old -k pgha-baseline\n");
    const change = { kind: "load-audit", content: "# x\n-w /a -k pgha-baseline\n", digest: DIGEST, rules: 1 } as const;
    const { exitCode, stderr } = await shell.run(commandFor({ ...change, when: "now" }, MATERIAL), {
      deadlineMs: 5_000,
    });
    assert.deepEqual([exitCode, stderr], [1, "No space\n"]);
    const folder = join(root, AUDIT.folder);
    assert.deepEqual(readFileSync(asked, "utf8").trim().split("\n").slice(-5), [
      "-D -k pgha-baseline",
      `-R ${folder}/new.rules`,
      "-D -k pgha-baseline",
      `-R ${folder}/tried.rules`,
      "-D -k pgha-trial",
    ]);
    assert.equal(readFileSync(join(folder, "tried.rules"), "utf8"), "-w /old -k pgha-baseline\n");
  });

  it("nothing is not asked where no rules are wanted", () => {
    assert.doesNotMatch(auditFact(undefined).command.script, /auditctl/);
    assert.throws(() => auditFact(undefined).parse({ exitCode: 0, stdout: "left\n" }), /did not say/);
  });
});

describe("auditd", () => {
  const told = (isActive: boolean): string =>
    commandFor({ kind: "tell-service", service: AUDITD, isActive, enable: true }, MATERIAL).script;

  it("is started where it does not run, and never restarted", () => {
    assert.match(told(false), /systemctl 'start' auditd\.service/);
    assert.doesNotMatch(told(false) + told(true), /systemctl 'restart'/);
    assert.doesNotMatch(told(true), /systemctl 'start'/);
  });
});
