import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { installPackages } from "../../../src/changes/packages.ts";
import { localShell } from "../../ssh-server/local-shell.ts";

const root = mkdtempSync(join(tmpdir(), "pgha-packages-"));
const at = (path: string): string => join(root, path);

/** apt, dpkg and systemctl as far as this command uses them: apt refuses while dpkg has something to finish, and knows a package only after an update. */
const PROGRAMS = `
systemctl() { echo "systemctl $*" >>"${root}/calls"; }
apt-get() {
  echo "apt-get $1" >>"${root}/calls"
  case $1 in
    update) touch "${root}/lists/a_Packages" "${root}/known" ;;
    install) if [ -e "${root}/updates/0001" ]; then echo 'E: dpkg was interrupted' >&2; return 100; fi
      if [ -e "${root}/known" ]; then touch "${root}/installed"; else echo 'E: Unable to locate package' >&2; return 100; fi ;;
  esac
}
dpkg() { echo "dpkg $2 $3" >>"${root}/calls"; rm -f "${root}/updates/0001"; }
`;

async function install(): Promise<{ readonly exitCode: number; readonly stderr: string; readonly calls: readonly string[] }> {
  // Bash, for a function whose name has a dash.
  const rewrite = (script: string): string => `bash -c '${`${PROGRAMS}${script}`.replaceAll("/run/pgha", at("run")).replaceAll("/var/lib/apt/lists", at("lists")).replaceAll("/var/lib/dpkg/updates", at("updates")).replaceAll("'", "'\\''")}'`;
  const command = installPackages({ names: ["haproxy"], services: {}, source: "distribution" }, ["haproxy"], ["haproxy.service"]);
  const { exitCode, stderr } = await localShell(rewrite).run(command, { deadlineMs: 10_000 });
  return { exitCode, stderr, calls: readFileSync(at("calls"), "utf8").trim().split("\n") };
}

const MASK = "systemctl mask --no-reload --quiet haproxy.service";

describe("installing packages", () => {
  after(() => rmSync(root, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(root, { recursive: true, force: true });
    for (const folder of ["run", "lists", "updates"]) mkdirSync(at(folder), { recursive: true });
  });

  it("units are masked before their package comes, and lists that are fresh are not fetched", async () => {
    writeFileSync(at("lists/a_Packages"), "");
    writeFileSync(at("known"), "");
    assert.deepEqual(await install(), { exitCode: 0, stderr: "", calls: [MASK, "apt-get install"] });
  });

  it("lists that do not know a package are fetched once", async () => {
    writeFileSync(at("lists/a_Packages"), "");
    assert.deepEqual((await install()).calls, [MASK, "apt-get install", "apt-get update", "apt-get install"]);
    assert.ok(existsSync(at("installed")));
  });

  it("an installation that was cut off half-way is finished first", async () => {
    writeFileSync(at("lists/a_Packages"), "");
    writeFileSync(at("known"), "");
    writeFileSync(at("updates/0001"), "");
    assert.deepEqual(await install(), { exitCode: 0, stderr: "", calls: [MASK, "apt-get install", "dpkg --configure -a", "apt-get install"] });
  });

  it("what apt said is told when it fails", async () => {
    mkdirSync(at("updates/0001"));
    writeFileSync(at("updates/0001/in-the-way"), "");
    const { exitCode, stderr } = await install();
    assert.equal(exitCode, 1);
    assert.match(stderr, /E: dpkg was interrupted/);
  });
});
