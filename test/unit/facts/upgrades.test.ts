import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { after, before, beforeEach, describe, it } from "node:test";
import { sh } from "../../../src/shell/command.ts";
import { upgradesFact } from "../../../src/facts/upgrades.ts";
import { until } from "../../kube/until.ts";
import { runHere } from "./run-here.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const POLICY = `patroni:
  Installed: 4.0.6-1
  Candidate: 4.0.7-1
  Version table:
     4.0.7-1 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
 *** 4.0.6-1 100
        100 /var/lib/dpkg/status
postgresql-17:
  Installed: 17.6-1
  Candidate: 17.6-1
haproxy:
  Installed: (none)
  Candidate: 3.0.11-1
pgbouncer:
  Installed: 1.24.1-1
  Candidate: 1.23.1-1
`;

describe("newer packages that a host could have", () => {
  const directory = mkdtempSync(join(tmpdir(), "pgha-upgrades-"));
  const asked = (): number => readFileSync(`${directory}/asked`, "utf8").length;
  const names = ["patroni", "postgresql-17", "haproxy", "pgbouncer"];

  before(() => {
    for (const folder of ["bin", "var/lib/apt/lists", "var/lib/dpkg", "etc/apt", "run"])
      mkdirSync(`${directory}/${folder}`, { recursive: true });
    writeFileSync(`${directory}/policy`, POLICY);
    writeFileSync(`${directory}/bin/apt-cache`, `#!/bin/sh\nprintf x >>${directory}/asked\ncat ${directory}/policy\n`, {
      mode: 0o755,
    });
  });
  beforeEach(() => writeFileSync(`${directory}/asked`, ""));
  after(() => removeFolder(directory));

  async function look(versions?: Record<string, string>) {
    const { command, parse } = upgradesFact(names, versions);
    const script = command.script
      .replaceAll(/\/(?:var\/lib|etc\/apt)/g, (path) => `${directory}${path}`)
      .replaceAll("/run/pgha", `${directory}/run/pgha`);
    const { answer } = await runHere(
      { command: { ...sh`true`, script }, parse },
      {
        ...process.env,
        PATH: `${directory}/bin:${process.env["PATH"] ?? ""}`,
      },
    );
    return answer;
  }

  /** No look waits for apt: one of the next has what it says. */
  const said = async (upgrades: object) =>
    until("a look has it", async () => isDeepStrictEqual(await look(), { newer: upgrades, unmet: {} }), 10_000, 100);

  it("are those that apt would take, and newer than what is installed", async () => {
    await said({ patroni: "4.0.7-1" });
  });

  it("of a package with a declared version are that one, at the first look that asks", async () => {
    assert.deepEqual(await look({ patroni: "4.0.7-1" }), { newer: { patroni: "4.0.7-1" }, unmet: {} });
    assert.deepEqual(await look({ patroni: "4.0.6-1" }), { newer: {}, unmet: {} });
    assert.deepEqual(
      await look({ "postgresql-17": "17.5-1", pgbouncer: "1.25.0-1", haproxy: "3.0.11-1", patroni: "4.0.8-1" }),
      { newer: {}, unmet: { "postgresql-17": "past", pgbouncer: "missing", patroni: "missing" } },
      "what is not installed is installed at its version, or apt says why not",
    );
  });

  it("and are waited for where apt is asked for another resource of the host's just then", async () => {
    const holder = spawn("flock", [`${directory}/run/pgha/upgrades.lock`, "sh", "-c", "echo held; sleep 0.3"]);
    await once(holder.stdout, "data");
    assert.deepEqual(await look({ patroni: "4.0.9-1" }), { newer: {}, unmet: { patroni: "missing" } });
  });

  it("are asked of apt again only once something changed that decides about it", async () => {
    // Within one second some shells cannot tell what came first, and ask again.
    const isKept = async (): Promise<boolean> => {
      writeFileSync(`${directory}/asked`, "");
      assert.deepEqual(await look(), { newer: { patroni: "4.0.7-1" }, unmet: {} });
      return asked() === 0;
    };
    await until("it is kept", isKept, 5_000, 100);
    writeFileSync(`${directory}/policy`, POLICY.replaceAll("4.0.7", "4.0.8"));
    writeFileSync(`${directory}/var/lib/apt/lists/deb_Packages`, "");
    await said({ patroni: "4.0.8-1" });
    writeFileSync(`${directory}/policy`, POLICY.replaceAll("4.0.6", "4.0.7"));
    writeFileSync(`${directory}/var/lib/dpkg/status`, "installed");
    await said({});
  });

  it("are none where apt is not there or says nothing", async () => {
    writeFileSync(`${directory}/policy`, "");
    writeFileSync(`${directory}/var/lib/dpkg/status`, "again");
    await said({});
    assert.deepEqual(upgradesFact([]).parse({ exitCode: 0, stdout: "" }), { newer: {}, unmet: {} });
  });
});
