import { asRecord, asRecords, asString } from "./narrow.ts";

/** What waits for its moment. */
export interface ScheduledFact {
  /** In words: "a restart of db-2 at 2030-01-01T00:00:00+00:00". */
  readonly what: string;
  /** The arguments of `patronictl flush SCOPE` that take it back. */
  readonly flush: string;
}

/** A switchover or restarts that wait for their moment: Patroni keeps them in the DCS until then. */
export function scheduledIn(view: Readonly<Record<string, unknown>>): readonly ScheduledFact[] {
  const switchover = asRecord(view["scheduled_switchover"]);
  const restarts = asRecords(view["members"]).flatMap((member) => {
    const restart = asRecord(member["scheduled_restart"]);
    const name = asString(member["name"]) ?? "";
    return restart === undefined
      ? []
      : [{ what: `a restart of ${name} at ${asString(restart["schedule"]) ?? "?"}`, flush: `${name} restart` }];
  });
  if (switchover === undefined) return restarts;
  const from = asString(switchover["from"]);
  const to = asString(switchover["to"]);
  const way = `${from === undefined ? "" : ` from ${from}`}${to === undefined ? "" : ` to ${to}`}`;
  return [{ what: `a switchover${way} at ${asString(switchover["at"]) ?? "?"}`, flush: "switchover" }, ...restarts];
}
