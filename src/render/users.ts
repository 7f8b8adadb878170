import type { Finding } from "./refusal.ts";

/** The PostgreSQL users that Patroni works with. */
export interface SystemUsers {
  readonly superuser: string;
  readonly replication: string;
  readonly rewind: string;
}

/** They stand bare in pg_hba.conf and in connection strings, and pgha chose them: plain words only. */
export function usersFault(users: SystemUsers): readonly Finding[] {
  return [users.superuser, users.replication, users.rewind].map((name, index): Finding => [
    `users.${["superuser", "replication", "rewind"][index] ?? ""}`,
    /^[a-z_][a-z0-9_]{0,62}$/.test(name) ? undefined : "is not a plain lower-case identifier",
  ]);
}
