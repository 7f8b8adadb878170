import { secretNames } from "../api/index.ts";
import type { PostgresHACluster } from "../api/index.ts";
import type { SecretDocument, SecretsByName } from "./secret.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";

/** A user name and its password. */
export interface Account {
  readonly username: string;
  readonly password: Sensitive;
}

/** An account of PostgreSQL or PgBouncer: the same verifier goes to both (F66). */
export interface Login extends Account {
  readonly verifier: Sensitive;
}

/** All that a cluster and its pools are configured with. */
export interface Credentials {
  readonly superuser: Login;
  readonly replication: Login;
  readonly rewind: Login;
  readonly restApi: Account;
  /** By which the DCS and its clients know each other. */
  readonly dcs: Account;
  /** Absent for a cluster without a PgBouncerPool. */
  readonly pgbouncerAdmin?: Login;
  /** The same. */
  readonly pgbouncerStats?: Login;
  /** By role name: every role that logs in. */
  readonly roles: Readonly<Record<string, Login>>;
}

/**
 * Takes the credentials of a cluster out of its Secrets; undefined while one is missing or incomplete. Judges nothing:
 * secretsPlan does.
 */
export function resolveCredentials(cluster: PostgresHACluster, secrets: SecretsByName): Credentials | undefined {
  const names = secretNames(cluster);
  const roles = cluster.spec.roles
    .filter((role) => role.login)
    .map((role) => [role.name, login(secrets.get(names.roles.get(role.name) ?? ""))] as const);
  const superuser = login(secrets.get(names.superuser));
  const replication = login(secrets.get(names.replication));
  const rewind = login(secrets.get(names.rewind));
  const restApi = account(secrets.get(names.restApi));
  const dcs = account(secrets.get(names.dcs));
  const pgbouncerAdmin = login(secrets.get(names.pgbouncerAdmin));
  const pgbouncerStats = login(secrets.get(names.pgbouncerStats));
  if (
    superuser === undefined ||
    replication === undefined ||
    rewind === undefined ||
    restApi === undefined ||
    dcs === undefined
  ) {
    return undefined;
  }
  const present = roles.filter((entry): entry is readonly [string, Login] => entry[1] !== undefined);
  if (present.length < roles.length) {
    return undefined;
  }
  return {
    superuser,
    replication,
    rewind,
    restApi,
    dcs,
    ...(pgbouncerAdmin === undefined ? {} : { pgbouncerAdmin }),
    ...(pgbouncerStats === undefined ? {} : { pgbouncerStats }),
    roles: Object.fromEntries(present),
  };
}

function account(secret: SecretDocument | undefined): Account | undefined {
  const { username, password } = secret?.data ?? {};
  return username === undefined || password === undefined ? undefined : { username: username.reveal(), password };
}

function login(secret: SecretDocument | undefined): Login | undefined {
  const basic = account(secret);
  const verifier = secret?.data["verifier"];
  return basic === undefined || verifier === undefined
    ? undefined
    : { ...basic, verifier: sensitive(verifier.reveal()) };
}
