import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const root = mkdtempSync(join(tmpdir(), "pgha-packages-"));
const at = (path: string): string => join(root, path);

/**
 * apt, dpkg and systemctl as far as this command uses them: apt refuses while dpkg has something to finish, and knows a
 * package only after an update.
 */
const PROGRAMS = `
systemctl() { echo "systemctl $*" >>"${root}/calls"; }
apt-get() {
  echo "apt-get $1" >>"${root}/calls"
  case $1 in
    indextargets) if [ -e "${root}/theirs" ] && [ "$2" = --no-release-info ]; then cat "${root}/theirs"; fi ;;
    update) if [ -e "${root}/dead" ]; then echo "E: The repository 'https://dead' does not have a Release file." >&2; touch "${root}/known"; return 100; fi
      echo "\${http_proxy-}|\${no_proxy-}" >"${root}/proxies"; touch "${root}/lists/a_Packages" "${root}/known" ;;
    install) if [ -e "${root}/updates/0001" ]; then echo 'E: dpkg was interrupted' >&2; return 100; fi
      if [ -e "${root}/known" ]; then touch "${root}/installed"; else echo 'E: Unable to locate package' >&2; return 100; fi ;;
  esac
}
dpkg() { echo "dpkg $2 $3" >>"${root}/calls"; rm -f "${root}/updates/0001"; }
gpg() { cat "${root}/$(basename "$3")"; }
`;

const MOVED: Readonly<Record<string, string>> = {
  "/run/pgha": "run",
  "/var/lib/apt/lists": "lists",
  "/var/lib/dpkg/updates": "updates",
  "/usr/share/postgresql-common/pgdg": "",
  "/etc/apt/sources.list.d": "sources",
  "/etc/environment": "environment",
  "/etc/os-release": "os-release",
};

async function install(
  source: "distribution" | "pgdg" = "distribution",
): Promise<{ readonly exitCode: number; readonly stderr: string; readonly calls: readonly string[] }> {
  // Bash, for a function whose name has a dash.
  const rewrite = (script: string): string =>
    `bash -c '${Object.entries(MOVED)
      .reduce((text, [path, to]) => text.replaceAll(path, at(to)), `${PROGRAMS}${script}`)
      .replaceAll("'", "'\\''")}'`;
  const command = commandFor(
    {
      kind: "install-packages",
      packages: { names: ["haproxy"], services: {}, source },
      missing: ["haproxy"],
      maskFirst: ["haproxy.service"],
    },
    MATERIAL,
  );
  const { exitCode, stderr } = await localShell(rewrite).run(command, { deadlineMs: 10_000 });
  return {
    exitCode,
    stderr,
    calls: readFileSync(at("calls"), "utf8").replaceAll("apt-get indextargets\n", "").trim().split("\n"),
  };
}

const MASK = "systemctl mask --no-reload --quiet haproxy.service";

describe("installing packages", () => {
  after(() => removeFolder(root));
  beforeEach(() => {
    removeFolder(root);
    for (const folder of ["run", "lists", "updates", "sources"]) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at("os-release"), "VERSION_CODENAME=trixie\n");
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
    assert.deepEqual(await install(), {
      exitCode: 0,
      stderr: "",
      calls: [MASK, "apt-get install", "dpkg --configure -a", "apt-get install"],
    });
  });

  /** What `gpg --show-keys --with-colons` says of the file that postgresql-common brings. */
  const PGDG =
    "pub:-:4096:1:7FCC7D46ACCC4CF8:1318537154:::-:::scSC::::::23::0:\nfpr:::::::::B97B0AFCAA1A47F044F244A07F" +
    "CC7D46ACCC4CF8:\nuid:-::::1483540543::690A171644E1C59F7E5E68775492644846BBC421::PostgreSQL Debian Repository::::::::::0:\n";
  const OTHER = PGDG.replaceAll("7FCC7D46ACCC4CF8", "0123456789ABCDEF");

  it("PGDG's packages come from a source that is trusted by PGDG's key", async () => {
    writeFileSync(at("apt.postgresql.org.asc"), PGDG);
    assert.deepEqual(await install("pgdg"), {
      exitCode: 0,
      stderr: "",
      calls: [MASK, "apt-get update", "apt-get install"],
    });
    assert.match(
      readFileSync(at("sources/pgha-pgdg.list"), "utf8"),
      /^deb \[signed-by=\S+apt\.postgresql\.org\.asc\] https:\/\/apt\.postgresql\.org\/pub\/repos\/apt \S*-pgdg main\n$/,
    );
  });

  for (const [what, keys] of [
    ["is another one", OTHER],
    ["has another one behind it", PGDG + OTHER],
    ["has another one before it", OTHER + PGDG],
    ["cannot be read", ""],
  ] as const) {
    it(`nothing is trusted where PGDG's key ${what}`, async () => {
      writeFileSync(at("apt.postgresql.org.asc"), keys);
      const { exitCode, stderr, calls } = await install("pgdg");
      assert.deepEqual([exitCode, calls, existsSync(at("sources/pgha-pgdg.list"))], [1, [MASK], false]);
      assert.match(stderr, /holds other keys than that of apt\.postgresql\.org/);
    });
  }

  for (const source of [
    "https://apt.postgresql.org/pub/repos/apt/ trixie-pgdg",
    "http://apt.postgresql.org/pub/repos/apt trixie-pgdg",
    "https://user:word@apt.postgresql.org/pub/repos/apt/ trixie-pgdg",
    "http://mirror.example.org/postgresql/repos/apt/ trixie-pgdg",
    "mirror+file:/etc/apt/pgdg.list trixie-pgdg",
  ]) {
    it(`a source for PGDG that is there already is used, and ours goes: ${source}`, async () => {
      writeFileSync(at("theirs"), `http://deb.debian.org/debian/ trixie\n${source}\n`);
      writeFileSync(at("sources/pgha-pgdg.list"), "deb of an earlier run");
      assert.deepEqual(await install("pgdg"), {
        exitCode: 0,
        stderr: "",
        calls: [MASK, "apt-get update", "apt-get install"],
      });
      assert.ok(!existsSync(at("sources/pgha-pgdg.list")));
    });
  }

  it("a source for PGDG's packages of another release is none", async () => {
    writeFileSync(at("theirs"), "https://apt.postgresql.org/pub/repos/apt/ bookworm-pgdg\n");
    writeFileSync(at("apt.postgresql.org.asc"), PGDG);
    assert.equal((await install("pgdg")).exitCode, 0);
    assert.ok(existsSync(at("sources/pgha-pgdg.list")));
  });

  for (const run of ["this", "an earlier"]) {
    it(`our source of ${run} run is taken back where the installation fails`, async () => {
      writeFileSync(at("apt.postgresql.org.asc"), PGDG);
      if (run !== "this") writeFileSync(at("sources/pgha-pgdg.list"), "deb of an earlier run");
      mkdirSync(at("updates/0001"));
      writeFileSync(at("updates/0001/in-the-way"), "");
      assert.equal((await install("pgdg")).exitCode, 1);
      assert.ok(!existsSync(at("sources/pgha-pgdg.list")));
    });
  }

  it("a source that is dead is in nobody's way when the packages can be had", async () => {
    writeFileSync(at("dead"), "");
    assert.deepEqual(await install(), {
      exitCode: 0,
      stderr: "",
      calls: [MASK, "apt-get update", "apt-get install"],
    });
  });

  it("apt goes through the proxy that /etc/environment has, and only by the last word there", async () => {
    writeFileSync(
      at("environment"),
      'PATH="/usr/bin"\nhttp_proxy=http://old:1\n# http_proxy=http://comment:1\nexport ' +
        'http_proxy="http://proxy:3128"\nno_proxy=localhost,.lan # ours\nhttp_proxy_password=x\n',
    );
    assert.equal((await install()).exitCode, 0);
    assert.match(readFileSync(at("proxies"), "utf8"), /^http:\/\/proxy:3128\|localhost,\.lan *\n$/);
  });

  it("what apt said is told when it fails", async () => {
    mkdirSync(at("updates/0001"));
    writeFileSync(at("updates/0001/in-the-way"), "");
    const { exitCode, stderr } = await install();
    assert.equal(exitCode, 1);
    assert.match(stderr, /E: dpkg was interrupted/);
  });
});
