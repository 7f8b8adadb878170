import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { pgha } from "./fake-environment.ts";
import { emptyFolder } from "./manifest-folder.ts";

const HEADER = "ENV IP_PUBLIQUE HOSTNAME IP_PRIVEE FQDN USER_SSH POOL ROLE SUBROLE DOCKER_STACK CORE NOTES"
  .split(" ")
  .join("\t");
const row = (hostname: string, address: string, role: string, subrole: string): string =>
  ["prod", "", hostname, address, "", "root", "", role, subrole, "", "", ""].join("\t");

function inventoryFolder(context: TestContext): string {
  const folder = emptyFolder(context);
  const rows = [
    HEADER,
    row("db-1", "10.0.0.120", "db", "postgres"),
    row("db-2", "10.0.0.121", "db", "postgres"),
    row("db-3", "10.0.0.122", "db", "postgres"),
    row("other-db", "10.0.0.130", "db", "postgres"),
    row("proxy-1", "10.0.0.11", "lb", "internal-haproxy"),
    row("proxy-2", "10.0.0.12", "lb", "internal-haproxy"),
  ];
  mkdirSync(join(folder, "inventory"));
  writeFileSync(join(folder, "inventory/servers.tsv"), `${rows.join("\n")}\n`);
  return folder;
}

const CHOICE = ["--env", "prod", "--db", "db-1,db-2,db-3", "--proxies", "role=lb,subrole=internal-haproxy"];

test(
  "the manifest is all that is on standard output; the file used and what to know go to " + "standard error",
  async (context) => {
    const workingDirectory = join(inventoryFolder(context), "deeper");
    mkdirSync(workingDirectory);
    const { code, stdout, stderr } = await pgha(["import", ...CHOICE], { workingDirectory });
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^# Made by pgha import[\s\S]*kind: PostgresHACluster[\s\S]*kind: HAProxyPool[\s\S]*kind: PgBouncerPool/,
    );
    assert.doesNotMatch(stdout, /other-db/);
    assert.match(stderr, /^reading \.\.\/inventory\/servers\.tsv\n/);
    assert.match(stderr, /Not part of it, though it has the same role: other-db/);
  },
);

test("a filter that matches more than asked for is never guessed about", async (context) => {
  const { code, stdout, stderr } = await pgha(["import", "--env", "prod", "--db", "role=db"], {
    workingDirectory: inventoryFolder(context),
  });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /other-db/);
});

test("a file is written once, and overwritten only with --force", async (context) => {
  const workingDirectory = inventoryFolder(context);
  const into = async (...more: readonly string[]) =>
    pgha(["import", ...CHOICE, "-o", "pgha.yaml", ...more], { workingDirectory });
  const first = await into();
  assert.deepEqual([first.code, first.stdout], [0, ""]);
  assert.match(first.stderr, /✓ wrote pgha\.yaml; next: pgha plan -f pgha\.yaml\n$/);
  writeFileSync(join(workingDirectory, "pgha.yaml"), "mine");
  const second = await into();
  assert.deepEqual(
    [second.code, second.stderr],
    [1, "error: pgha.yaml exists already\n  way out: write to another file, or say --force to overwrite it\n"],
  );
  assert.equal(readFileSync(join(workingDirectory, "pgha.yaml"), "utf8"), "mine");
  assert.equal((await into("--force")).code, 0);
  assert.match(readFileSync(join(workingDirectory, "pgha.yaml"), "utf8"), /^# Made by pgha import/);
});

test("what is refused leaves nothing behind, not even a key", async (context) => {
  const workingDirectory = inventoryFolder(context);
  writeFileSync(join(workingDirectory, "id"), generateKeyPair().privateKey);
  const before = readdirSync(workingDirectory);
  const { code } = await pgha(["import", "--env", "prod", "--db", "db-1,db-2", "--ssh-key", "id", "-o", "pgha.yaml"], {
    workingDirectory,
  });
  assert.equal(code, 1);
  assert.deepEqual(readdirSync(workingDirectory), before);
});

test("the key goes into the state folder beside the manifest, for its owner alone", async (context) => {
  const workingDirectory = inventoryFolder(context);
  const { privateKey } = generateKeyPair();
  writeFileSync(join(workingDirectory, "id"), privateKey);
  mkdirSync(join(workingDirectory, "sub"));
  const { code, stdout, stderr } = await pgha(["import", ...CHOICE, "--ssh-key", "id", "-o", "sub/pgha.yaml"], {
    workingDirectory,
  });
  assert.equal(code, 0, stderr);
  const kept = join(workingDirectory, "sub/.pgha/secrets/vm-ssh.yaml");
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  assert.ok(
    ![stdout, stderr, readFileSync(join(workingDirectory, "sub/pgha.yaml"), "utf8")].some((text) =>
      text.includes(privateKey.split("\n")[2] ?? ""),
    ),
  );
});

test("with nothing but --ssh-key only the key is kept, and no inventory is asked for", async (context) => {
  const workingDirectory = emptyFolder(context);
  writeFileSync(join(workingDirectory, "id"), generateKeyPair().privateKey);
  const { code, stderr } = await pgha(["import", "--ssh-key", "id", "--ssh-key-secret", "other"], { workingDirectory });
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(join(workingDirectory, ".pgha/secrets/other.yaml")));
  assert.match(stderr, /the key id is kept as Secret other in .*\.pgha\n$/);
});

test("a key or an inventory that is not there is named", async (context) => {
  const workingDirectory = emptyFolder(context);
  assert.match(
    (await pgha(["import", "--ssh-key", "nowhere"], { workingDirectory })).stderr,
    /^error: the key \S*nowhere cannot be read: ENOENT/,
  );
  assert.match(
    (await pgha(["import", "nowhere.tsv"], { workingDirectory })).stderr,
    /error: nowhere\.tsv cannot be read: ENOENT/,
  );
});
