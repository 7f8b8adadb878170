import { digest16 } from "./digest.ts";

/** A unit file or drop-in, and the mark by which a process shows that it was started from it. */
export interface UnitFile {
  readonly content: string;
  readonly startedMark: string;
}

/** The variable by which a process shows which unit file it was started from. */
export const UNIT_VARIABLE = "PGHA_UNIT";

/**
 * systemd gives a process the environment of the unit as it was read then: what runs tells by it what it was started
 * from.
 */
export function markedUnit(
  sections: { readonly Service: readonly string[] } & Readonly<Record<string, readonly string[]>>,
): UnitFile {
  const startedMark = digest16(unit(sections));
  return {
    content: unit({ ...sections, Service: [...sections.Service, `Environment=${UNIT_VARIABLE}=${startedMark}`] }),
    startedMark,
  };
}

function unit(sections: Readonly<Record<string, readonly string[]>>): string {
  const texts = Object.entries(sections).map(([name, lines]) => [`[${name}]`, ...lines, ""].join("\n"));
  return [HEADER, ...texts].join("\n");
}

export const HEADER = "# Written by pgha, which brings it back when it is changed here: change the manifest instead.";

/** Waits for the network, and is started again however often it failed. */
export const ONLINE: readonly string[] = [
  "Wants=network-online.target",
  "After=network-online.target",
  "StartLimitIntervalSec=0",
];
