import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { sshdFact } from "../../../../src/facts/sshd.ts";
import type { SshdFact } from "../../../../src/facts/sshd.ts";
import type { PathFact } from "../../../../src/facts/types.ts";
import { HostFindings } from "../../../../src/plan/findings.ts";
import type { DesiredBase } from "../../../../src/reconcilers/host-baseline/desire.ts";
import { sshdSteps, tellSshd } from "../../../../src/reconcilers/host-baseline/sshd-plan.ts";
import { sshdConf } from "../../../../src/render/sshd-conf.ts";

const PATH = "/etc/ssh/sshd_config.d/00-pgha.conf";
const host = { name: "db-1", keysOnly: true } as unknown as DesiredBase;
const loose = { passwordauthentication: "yes", kbdinteractiveauthentication: "no", permitrootlogin: "yes" };
const strict = { passwordauthentication: "no", kbdinteractiveauthentication: "no", permitrootlogin: "no" };
const untold: SshdFact = { effective: loose, told: undefined, readsDropIns: true, pending: [], refused: undefined };

function file(content: string): PathFact {
  return {
    kind: "file",
    sha256: hash("sha256", content),
    owner: "root",
    group: "root",
    mode: 0o644,
    revision: "1:2.3",
  };
}

/** What is planned, and what is said, on a host with this file. */
function verdict(sshd: Partial<SshdFact>, found: PathFact = { kind: "absent" }) {
  const facts = { sshd: { ...untold, ...sshd }, paths: { [PATH]: found } };
  const findings = new HostFindings("HostBaseline/base", "db-1", "nothing");
  tellSshd(host, facts, findings);
  const contents = sshdSteps("HostBaseline/base", host, facts).flatMap(({ change }) =>
    change.kind === "load-sshd" ? [change.content] : [],
  );
  return { contents, said: findings.blockers.map(({ reason }) => reason) };
}

describe("sshd that takes keys only", () => {
  it("is told so, and of root only where root may log in by a password", () => {
    assert.deepEqual(verdict({}), { contents: [sshdConf({ root: true })], said: [] });
    const stricter = verdict({ effective: { ...loose, permitrootlogin: "no" } });
    assert.deepEqual(stricter, { contents: [sshdConf({ root: false })], said: [] });
  });

  it("goes on being told so once that is in force, and needs no more then", () => {
    const effective = { ...strict, permitrootlogin: "without-password" };
    assert.deepEqual(verdict({ effective, told: "1:2.3" }, file(sshdConf({ root: true }))), {
      contents: [],
      said: [],
    });
    assert.equal(verdict({ effective }, file(sshdConf({ root: true }))).contents.length, 1, "it was not loaded");
    assert.equal(verdict({ effective, told: "1:2.3" }, file("# another")).contents.length, 1);
  });

  it("is told once more of a file that was edited and put back, whatever it read meanwhile", () => {
    const back = { ...file(sshdConf({ root: true })), revision: "1:2.4" } as PathFact;
    assert.equal(verdict({ effective: strict, told: "1:2.3" }, back).contents.length, 1);
  });

  it("is not told again what was taken back", () => {
    const refused = hash("sha256", sshdConf({ root: true }));
    assert.deepEqual(verdict({ refused }), { contents: [], said: ["SshdTakenBack"] });
  });

  it("is not made to take up what others changed and did not load", () => {
    assert.deepEqual(verdict({ pending: ["/etc/ssh/sshd_config"] }), { contents: [], said: ["SshdPending"] });
    const done = verdict(
      { effective: strict, told: "1:2.3", pending: ["/etc/ssh/sshd_config"] },
      file(sshdConf({ root: false })),
    );
    assert.deepEqual(done, { contents: [], said: [] });
  });

  it("is not Ready where another file comes first, or none is read", () => {
    const told = file(sshdConf({ root: true }));
    assert.deepEqual(verdict({ effective: loose, told: "1:2.3" }, told).said, ["SshdOverridden"]);
    assert.deepEqual(verdict({ readsDropIns: false }), { contents: [], said: ["SshdOverridden"] });
  });
});

describe("how sshd lets people in", () => {
  const { parse } = sshdFact(true);

  it("is read from what sshd -T says, and from what its files and it are like", () => {
    const stdout =
      "passwordauthentication no\nkbdinteractiveauthentication no\npermitrootlogin without-password\ninclude\ntold 12:34.5\n" +
      `pending /etc/ssh/sshd_config.d/50-cloud-init.conf\nrefused ${"a".repeat(64)}\nover\n`;
    assert.deepEqual(parse({ exitCode: 0, stdout }), {
      effective: {
        passwordauthentication: "no",
        kbdinteractiveauthentication: "no",
        permitrootlogin: "without-password",
      },
      told: "12:34.5",
      readsDropIns: true,
      pending: ["/etc/ssh/sshd_config.d/50-cloud-init.conf"],
      refused: "a".repeat(64),
    });
  });

  it("is not known where its files are not valid, or the host hangs", () => {
    assert.equal(parse({ exitCode: 0, stdout: "over\n" }).effective, undefined);
    assert.throws(() => parse({ exitCode: 124, stdout: "" }), /did not say/);
  });
});
