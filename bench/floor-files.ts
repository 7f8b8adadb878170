import { mkdirSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataDirectoryOf } from "../src/api/index.ts";
import { loadManifests } from "../src/api/load.ts";
import { openWorld } from "../src/cli/world.ts";
import type { DesiredHost } from "../src/desired/host.ts";
import { contextOf, readInputs } from "../src/reconcilers/context.ts";
import { desireHAProxyPool } from "../src/reconcilers/haproxy-pool/desire.ts";
import { resolveHAProxyPool } from "../src/reconcilers/haproxy-pool/resolve.ts";
import { desirePgBouncerPool } from "../src/reconcilers/pgbouncer-pool/desire.ts";
import { resolvePgBouncerPool } from "../src/reconcilers/pgbouncer-pool/resolve.ts";
import { desireCluster } from "../src/reconcilers/postgres-ha-cluster/desire.ts";
import type { DesiredCluster } from "../src/reconcilers/postgres-ha-cluster/desire.ts";
import { resolveCluster } from "../src/reconcilers/postgres-ha-cluster/resolve.ts";
import { stackOf } from "../src/reconcilers/stack.ts";
import { createDatabase, createExtension, createRole, setVerifier, sqlScript } from "../src/render/sql.ts";
import type { Lab } from "../test/lab/lab.ts";

/**
 * Prepares what floor.sh finds ready made, in `folder`: the configuration that pgha would write, so that both end with
 * the same stack. `stateFolder` is that of an earlier apply of the same manifest, whose credentials the floor uses.
 */
export async function prepareFloor(folder: string, lab: Lab, manifest: string, stateFolder: string): Promise<void> {
  const { resources, secrets } = await loadManifests([manifest]);
  const stack = stackOf(resources);
  const world = await openWorld({ stack, stateFolder, secrets, command: "bench", exclusive: false, now: Date.now });
  const context = contextOf(await readInputs(stack, world));
  await world.close();
  const cluster = desireCluster(theOne(stack.clusters.map((one) => resolveCluster(one, context).resolved)));
  const haproxy = desireHAProxyPool(theOne(stack.haproxyPools.map((one) => resolveHAProxyPool(one, context).resolved)));
  const pgbouncer = desirePgBouncerPool(
    theOne(stack.pgbouncerPools.map((one) => resolvePgBouncerPool(one, context).resolved)),
  );

  const members = cluster.members.map(({ address, host }) => ({ address, host }));
  // Debian 13's: what is asked of an empty host.
  const proxies = haproxy.hosts.map(({ spec, host }, index) => ({
    address: spec.address,
    host,
    pooler: theOne([pgbouncer.hosts[index]?.with("1.24.1").host]),
  }));
  for (const { address, host } of members) writeDatabaseHost(join(folder, "files", address), host);
  const login = theOne(pgbouncer.logins.slice(0, 1));
  for (const { address, host, pooler } of proxies) {
    writeFiles(join(folder, "files", address), [...host.files, ...pooler.files]);
    writePrivate(
      join(folder, "files", address, "pgpass"),
      `*:*:*:${login.role}:${theOne([cluster.resolved.credentials.roles[login.role]]).password.reveal()}\n`,
    );
  }
  writePrivate(join(folder, "databases.sql"), databasesSql(cluster));
  copyFileSync(lab.sshKeyPath, join(folder, "id_ed25519"));
  copyFileSync(lab.knownHostsPath, join(folder, "known_hosts"));
  const { spec } = cluster.resolved.cluster;
  writePrivate(
    join(folder, "settings"),
    settingsText({
      db_hosts: members.map(({ address }) => address),
      proxy_hosts: proxies.map(({ address }) => address),
      packages_db: theOne(members.map(({ host }) => host.packages.names.join(" "))),
      packages_proxy: [
        ...new Set(proxies.flatMap(({ host, pooler }) => [...host.packages.names, ...pooler.packages.names])),
      ].join(" "),
      pysyncobj_path: cluster.resolved.dcs.pythonPath ?? "",
      mount_path: spec.postgresql.dataVolume.mountPath,
      data_directory: dataDirectoryOf(cluster.resolved.cluster),
      raft_directory: theOne(cluster.resolved.dcs.directories.map(({ path }) => path)),
      rest_port: String(spec.patroni.restApi.port),
      login_host: proxies[0]?.address ?? "",
      login_port: String(pgbouncer.resolved.pool.spec.port),
      login_user: login.role,
      login_database: login.database,
    }),
  );
}

function writeDatabaseHost(folder: string, host: DesiredHost): void {
  // The manifest's waits from the start: that pgha bootstraps with shorter ones is its own idea.
  const files = host.files.map((file) => ({ ...file, content: file.content.replace(/^( +loop_wait: )1$/m, "$110") }));
  writeFiles(folder, files);
  writeFileSync(join(folder, "pysyncobj.tar.gz"), theOne(host.artifacts.slice(0, 1)).tarGz);
}

/** By the names that floor.sh knows them by. */
function writeFiles(folder: string, files: DesiredHost["files"]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { path, content } of files) {
    writePrivate(join(folder, NAMES[path] ?? path.slice(path.lastIndexOf("/") + 1)), content);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  "/etc/postgresql-common/createcluster.d/pgha.conf": "createcluster.conf",
  "/etc/systemd/system/patroni.service.d/pgha.conf": "patroni-drop-in.conf",
  "/etc/patroni/config.yml": "patroni.yml",
};

function databasesSql({ databases, resolved }: DesiredCluster): string {
  const { encoding, locale } = databases;
  return sqlScript([
    ...databases.roles.flatMap((role) => [
      createRole(role, { grant: role.memberOf, revoke: [] }),
      setVerifier(role.name, theOne([resolved.credentials.roles[role.name]]).verifier.reveal()),
    ]),
    ...databases.databases.flatMap((database) => [
      createDatabase({ ...database, encoding, locale }),
      `\\connect ${database.name}\n`,
      ...database.extensions.map(createExtension),
    ]),
  ]);
}

function settingsText(settings: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(settings)
    .map(([name, value]) =>
      typeof value === "string" ? `${name}='${value}'\n` : `${name}=(${value.map((item) => `'${item}'`).join(" ")})\n`,
    )
    .join("");
}

function writePrivate(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 });
}

function theOne<T>(values: readonly (T | undefined)[]): T {
  const [first] = values;
  if (first === undefined) throw new Error("the benchmark's manifest lacks something that the floor needs");
  return first;
}
