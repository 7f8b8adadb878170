import { asNetwork } from "./address.ts";
import { addressFault, lineFault, networkFault } from "./faults.ts";
import { each, refuseFaults } from "./refusal.ts";
import { usersFault } from "./users.ts";
import type { SystemUsers } from "./users.ts";

export interface HbaInput {
  readonly users: SystemUsers;
  /** Addresses of all members of the cluster, the host itself among them. */
  readonly memberAddresses: readonly string[];
  /** Addresses of the hosts whose HAProxy or PgBouncer leads clients here. */
  readonly poolAddresses: readonly string[];
  /** Networks (CIDR) from which roles may log in without a pool. */
  readonly clientNetworks: readonly string[];
  /** Whole lines of pg_hba.conf from the spec. They come last. */
  readonly additional: readonly string[];
}

/**
 * The lines of pg_hba.conf, for `postgresql.pg_hba` in Patroni's configuration. The first line that matches decides
 * (https://www.postgresql.org/docs/current/auth-pg-hba-conf.html), so the order is the policy:
 *
 * 1. What Patroni itself needs, before anything a person wrote, or a bootstrap loops for ever (L01) and replicas never
 *    connect (F13): its superuser over the socket (peer) and over loopback, replication and rewind between the members.
 *    The superuser is admitted from members too, for `patronictl query` on another member.
 * 2. The system users from anywhere else: refused, whatever password they bring. Nothing behind a pool can become
 *    the superuser (F94).
 * 3. Everybody else by password from the pools and from the client networks.
 * 4. The lines of the spec.
 *
 * `all` as a database never means physical replication, so 3 admits none.
 */
export function pgHba(input: HbaInput): readonly string[] {
  refuseFaults("pg_hba.conf", [
    ...usersFault(input.users),
    ...each("memberAddresses", input.memberAddresses, addressFault),
    ...each("poolAddresses", input.poolAddresses, addressFault),
    ...each("clientNetworks", input.clientNetworks, networkFault),
    ...each("additional", input.additional, (line) =>
      /^[!-~][ -~]*$/.test(line) ? undefined : (lineFault(line) ?? "is not a line of printable ASCII"),
    ),
  ]);
  const { superuser, replication, rewind } = input.users;
  const loopback = ["127.0.0.1/32", "::1/128"];
  const members = input.memberAddresses.map(asNetwork);
  const clients = [...input.poolAddresses.map(asNetwork), ...input.clientNetworks];
  const lines = [
    `local all ${superuser} peer`,
    ...[...loopback, ...members].map((from) => `host all ${superuser} ${from} scram-sha-256`),
    ...[...loopback, ...members].map((from) => `host replication ${replication} ${from} scram-sha-256`),
    // pg_rewind and the copying of logical slots are ordinary sessions, the latter in the database of the slot.
    ...[...loopback, ...members].map((from) => `host all ${rewind} ${from} scram-sha-256`),
    `host all ${superuser},${replication},${rewind} all reject`,
    ...clients.map((from) => `host all all ${from} scram-sha-256`),
    ...input.additional,
  ];
  return [...new Set(lines)];
}
