import type { SqlFact } from "../facts/types.ts";

/** Why PostgreSQL would not start again, or not all members would serve, with a wanted setting. */
export interface RestartHazard {
  readonly setting: string;
  readonly why: string;
  readonly wayOut: string;
}

/** What a server checks when it starts, against what this one holds now. */
export function restartHazards(
  wanted: Readonly<Record<string, number | string>>,
  sql: SqlFact,
): readonly RestartHazard[] {
  const number = (name: string): number => Number(wanted[name] ?? Infinity);
  const slots = sql.health?.slots ?? [];
  const logical = slots.filter((slot) => slot.logical === true);
  const prepared = sql.health?.preparedTransactions ?? 0;
  const hazards: RestartHazard[] = [];
  const level = wanted["wal_level"];
  if (level !== undefined && String(level).toLowerCase() !== "logical" && logical.length > 0)
    hazards.push({
      setting: "wal_level",
      why:
        `with wal_level ${level} PostgreSQL would not start again: it has the logical replication ` +
        `${slotNames(logical)}`,
      wayOut:
        "Keep wal_level: logical in spec.postgresql.parameters; or drop what nobody needs any more: " +
        `SELECT pg_drop_replication_slot('${logical[0]?.name ?? ""}').`,
    });
  if (number("max_replication_slots") < slots.length)
    hazards.push({
      setting: "max_replication_slots",
      why:
        `with max_replication_slots ${wanted["max_replication_slots"]} PostgreSQL would not start again: ` +
        `it has ${slots.length}, the ${slotNames(slots)}`,
      wayOut:
        `Keep max_replication_slots at ${slots.length} or more; or drop what nobody needs any more with ` +
        "pg_drop_replication_slot.",
    });
  if (number("max_prepared_transactions") < prepared)
    hazards.push({
      setting: "max_prepared_transactions",
      why:
        `with max_prepared_transactions ${wanted["max_prepared_transactions"]} PostgreSQL would not ` +
        `start again: it holds ${prepared} prepared`,
      wayOut:
        `Keep max_prepared_transactions at ${prepared} or more until they are ended: SELECT gid FROM ` +
        "pg_prepared_xacts, then COMMIT PREPARED or ROLLBACK PREPARED each.",
    });
  if (number("max_wal_senders") < sql.replication.length)
    hazards.push({
      setting: "max_wal_senders",
      why:
        `with max_wal_senders ${wanted["max_wal_senders"]} not all could come back: ` +
        `${sql.replication.length} stream from it now`,
      wayOut: `Keep max_wal_senders at ${sql.replication.length + 1} or more, one for a base backup.`,
    });
  return hazards;
}

function slotNames(slots: readonly { readonly name: string }[]): string {
  return `${slots.length === 1 ? "slot" : "slots"} ${slots.map((slot) => slot.name).join(", ")}`;
}
