import { hostPort } from "./address.ts";
import { beforeStop } from "./before-stop.ts";
import { digest16 } from "./digest.ts";
import type { DcsSection } from "./dcs/section.ts";
import { dynamicConfiguration } from "./dynamic-configuration.ts";
import type { DynamicConfigurationInput } from "./dynamic-configuration.ts";
import { addressFault, countFault, labelFault, passwordFault, pathFault, portFault } from "./faults.ts";
import { pgHba } from "./pg-hba.ts";
import { refuseFaults } from "./refusal.ts";
import type { Finding } from "./refusal.ts";
import type { SystemUsers } from "./users.ts";
import { yamlDocument } from "./yaml.ts";
import type { YamlValue } from "./yaml.ts";

/** The tag that carries the digest of the configuration; GET /patroni shows it as Patroni loaded it. */
export const PATRONI_DIGEST_TAG = "pgha_config";

export interface PatroniMember {
  readonly name: string;
  readonly address: string;
}

export interface PatroniInput {
  readonly scope: string;
  readonly member: PatroniMember;
  /** All members, this one among them. */
  readonly members: readonly PatroniMember[];
  /** 0: never leads. Above: the higher, the sooner it is chosen. */
  readonly failoverPriority: number;
  readonly restApi: { readonly port: number; readonly username: string; readonly password: string };
  readonly dcs: DcsSection;
  readonly postgresql: {
    readonly majorVersion: number;
    readonly port: number;
    readonly dataDirectory: string;
    readonly dataChecksums: boolean;
    readonly encoding: string;
    readonly locale: string;
    /** Where its programs are, if not where Debian has them. */
    readonly bin?: string;
    /** Where Patroni keeps passwords for them, if not in the home of its user. */
    readonly passwordFile?: string;
  };
  readonly users: SystemUsers;
  readonly passwords: { readonly superuser: string; readonly replication: string; readonly rewind: string };
  readonly poolAddresses: readonly string[];
  /** What pg_hba.conf has in place of a name; a name that is not in it stands for itself. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly clientNetworks: readonly string[];
  readonly additionalHba: readonly string[];
  readonly dynamic: DynamicConfigurationInput;
}

export interface RenderedPatroni {
  /** The file. It holds passwords: postgres, 0600. */
  readonly content: string;
  /** What GET /patroni shows under tags.pgha_config once this configuration is loaded. */
  readonly digest: string;
  /** The lines of pg_hba.conf that Patroni writes because of it. */
  readonly hba: readonly string[];
  /** Of what Patroni takes from it at its start only, so that loading it later changes nothing. */
  readonly startDigest: string;
}

/**
 * Patroni's configuration of one member (https://patroni.readthedocs.io/en/latest/yaml_configuration.html), good for
 * Patroni 3.0 (Debian 12) as for 4.x: only keys that both know, and both ignore tags and sections they do not know.
 *
 * The digest leaves `bootstrap` out: Patroni looks at it once, when there is no cluster yet, so that a running member
 * need not load anything when only that changed.
 */
export function renderPatroniYml(input: PatroniInput): RenderedPatroni {
  refuseFaults("patroni.yml", findings(input));
  const running = runningConfiguration(input);
  const digest = digest16(yamlDocument(running));
  const tags = { ...leaderTags(input.failoverPriority), [PATRONI_DIGEST_TAG]: digest };
  const startDigest = digest16(yamlDocument(takenAtStart(input)));
  const content = HEADER + yamlDocument({ ...running, bootstrap: bootstrap(input), tags });
  return { content, digest, hba: hbaOf(input), startDigest };
}

const HEADER = "# Written by pgha, which brings it back when it is changed here: change the manifest instead.\n";

function runningConfiguration(input: PatroniInput): Readonly<Record<string, YamlValue>> {
  const { address, name } = input.member;
  return {
    scope: input.scope,
    name,
    restapi: {
      listen: hostPort(address, input.restApi.port),
      connect_address: hostPort(address, input.restApi.port),
      // Asked of everything but GET, HEAD and OPTIONS, by members and patronictl alike (F91):
      // https://patroni.readthedocs.io/en/latest/security.html#restapi
      authentication: { username: input.restApi.username, password: input.restApi.password },
    },
    [input.dcs.name]: input.dcs.content,
    postgresql: postgresql(input),
    // 'automatic', the default, tries a device that the service user may not open.
    watchdog: { mode: "off" },
    tags: leaderTags(input.failoverPriority),
  };
}

/**
 * A reload of Patroni passes over these, in 3.0 as in 4.x: they are read where its DCS and PostgreSQL objects are made.
 */
function takenAtStart(input: PatroniInput): Readonly<Record<string, YamlValue>> {
  return {
    scope: input.scope,
    name: input.member.name,
    [input.dcs.name]: input.dcs.takenAtStart,
    data_dir: input.postgresql.dataDirectory,
  };
}

/**
 * Patroni refuses nofailover together with failover_priority. failover_priority came with 3.2: on 3.0 it is a tag
 * without a meaning, so there all members with a priority above 0 are alike, and 0 still means never.
 * https://patroni.readthedocs.io/en/latest/yaml_configuration.html#tags
 */
function leaderTags(failoverPriority: number): Readonly<Record<string, YamlValue>> {
  return failoverPriority === 0 ? { nofailover: true } : { failover_priority: failoverPriority };
}

function postgresql(input: PatroniInput): YamlValue {
  const { member, users, passwords } = input;
  const { port, dataDirectory, majorVersion } = input.postgresql;
  const { bin = `/usr/lib/postgresql/${majorVersion}/bin` } = input.postgresql;
  return {
    // Loopback first: Patroni then reaches its own server there when the socket is not to be had.
    listen: `127.0.0.1,${hostPort(member.address, port)}`,
    connect_address: hostPort(member.address, port),
    data_dir: dataDirectory,
    bin_dir: bin,
    // Outside PGDATA, where initdb and base backups want nothing that is not theirs (F03).
    pgpass: input.postgresql.passwordFile ?? "/var/lib/postgresql/.pgpass_patroni",
    authentication: {
      superuser: { username: users.superuser, password: passwords.superuser },
      replication: { username: users.replication, password: passwords.replication },
      rewind: { username: users.rewind, password: passwords.rewind },
    },
    before_stop: beforeStop(dataDirectory),
    // The superuser's sessions need no password this way, so that a new one cannot lock Patroni out.
    use_unix_socket: true,
    parameters: { unix_socket_directories: "/var/run/postgresql" },
    pg_hba: hbaOf(input),
    // A spread checkpoint would have a new replica wait for minutes.
    basebackup: [{ checkpoint: "fast" }],
  };
}

function hbaOf(input: PatroniInput): readonly string[] {
  const { users, members, poolAddresses, addresses, clientNetworks, additionalHba } = input;
  const resolved = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) => addresses.get(name) ?? [name]);
  return pgHba({
    users,
    memberAddresses: resolved(members.map(({ address }) => address)),
    poolAddresses: resolved(poolAddresses),
    clientNetworks,
    additional: additionalHba,
  });
}

/**
 * Every member's file can bootstrap (F02).
 * https://patroni.readthedocs.io/en/latest/yaml_configuration.html#bootstrap-configuration
 */
function bootstrap(input: PatroniInput): YamlValue {
  const { encoding, locale, dataChecksums, majorVersion } = input.postgresql;
  return {
    // Members notice each other once a second during the first bootstrap; the plan then patches loop_wait back.
    dcs: { ...dynamicConfiguration(input.dynamic), loop_wait: 1 },
    initdb: [
      { encoding },
      { locale },
      // PostgreSQL 13 hashes the superuser's password by this; the hba file itself is Patroni's.
      { "auth-host": "scram-sha-256" },
      { "auth-local": "peer" },
      ...(dataChecksums ? ["data-checksums"] : []),
      // On by default since 18, which is also when the option to turn them off came.
      ...(!dataChecksums && majorVersion >= 18 ? ["no-data-checksums"] : []),
    ],
  };
}

function* findings(input: PatroniInput): Iterable<Finding> {
  yield ["scope", labelFault(input.scope)];
  for (const [index, member] of input.members.entries()) {
    yield [`members[${index}].name`, labelFault(member.name)];
    yield [`members[${index}].address`, addressFault(member.address)];
  }
  const isMember = input.members.some(
    (member) => member.name === input.member.name && member.address === input.member.address,
  );
  yield ["member", isMember ? undefined : "is not one of the members"];
  yield ["failoverPriority", countFault(input.failoverPriority)];
  yield ["restApi.username", /^[A-Za-z0-9_.-]+$/.test(input.restApi.username) ? undefined : "is not a plain name"];
  yield ["restApi.port", portFault(input.restApi.port)];
  yield ["restApi.password", passwordFault(input.restApi.password)];
  yield* input.dcs.faults;
  yield ["postgresql.majorVersion", countFault(input.postgresql.majorVersion)];
  yield ["postgresql.port", portFault(input.postgresql.port)];
  yield ["postgresql.dataDirectory", pathFault(input.postgresql.dataDirectory)];
  yield ["postgresql.bin", pathFault(input.postgresql.bin ?? "/usr")];
  yield ["postgresql.encoding", initdbFault(input.postgresql.encoding)];
  yield ["postgresql.locale", initdbFault(input.postgresql.locale)];
  for (const purpose of ["superuser", "replication", "rewind"] as const) {
    yield [`passwords.${purpose}`, passwordFault(input.passwords[purpose])];
  }
}

/** Goes to initdb's command line through Patroni, which takes quotes off. */
function initdbFault(value: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9_.@-]*$/.test(value) ? undefined : "is not the name of an encoding or a locale";
}
