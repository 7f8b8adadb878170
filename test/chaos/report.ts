import { CLIENTS_HEAD, clientsLine } from "../../bench/clients-report.ts";
import type { Outcome } from "./campaign.ts";

/** What must not be, in words. */
export function failuresOf({ clients, lies, left }: Outcome): readonly string[] {
  return [
    ...(clients.lost > 0 ? [`${clients.lost} commits were acknowledged and are not there`] : []),
    ...(clients.twice > 0 ? [`${clients.twice} commits are there twice`] : []),
    ...(clients.stale > 0 ? [`${clients.stale} reads did not see what was committed before`] : []),
    ...lies.map(
      ({ kind, what, seconds }) => `${kind} was called Ready for ${seconds.toFixed(1)} s while this was so: ${what}`,
    ),
    ...left.map((what) => `at the end: ${what}`),
  ];
}

/** The table of clients, and what went wrong. */
export function outcomeLines(seed: number, outcome: Outcome): readonly string[] {
  const { clients, longest } = outcome;
  return [
    CLIENTS_HEAD,
    clientsLine(`seed ${seed}`, clients),
    ...(longest === undefined
      ? []
      : [`the longest that Ready was said and was not so: ${longest.seconds.toFixed(1)} s, ${longest.what}`]),
    ...failuresOf(outcome).map((what) => `WRONG: ${what}`),
  ];
}
