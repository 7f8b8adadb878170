import * as services from "../../src/desired/services.ts";
import type { Service } from "../../src/desired/services.ts";

export const PATRONI = services.PATRONI.unit;
export const HAPROXY = services.HAPROXY.unit;
export const PGBOUNCER = services.PGBOUNCER.unit;

export const UNITS_OF_PACKAGES: ReadonlyMap<string, string> = new Map([
  [services.HAPROXY.package, HAPROXY],
  [services.PGBOUNCER.package, PGBOUNCER],
]);

export const ALL: readonly Service[] = [services.PATRONI, services.HAPROXY, services.PGBOUNCER];

/** A unit is made of one of these, whichever is there. */
const EACH: readonly Service[] = [services.PATRONI_INSIDE, ...ALL];

export const UNIT_FILES: readonly (readonly [unit: string, path: string])[] = EACH.map(({ unit, unitFile }) => [
  unit,
  unitFile,
]);

/** Without these a program ends as soon as it is started. */
export const CONFIGURATIONS: ReadonlyMap<string, string> = new Map(ALL.map(({ unit, config }) => [unit, config]));

export function serviceOf(unit: string, files: ReadonlyMap<string, unknown> = new Map()): Service {
  const service =
    EACH.find((one) => one.unit === unit && files.has(one.unitFile)) ?? ALL.find((one) => one.unit === unit);
  if (service === undefined) throw new TypeError(`no service of pgha's runs as ${unit}`);
  return service;
}

/** What Patroni reads for a first bootstrap only is nothing that it has to load. */
export function textInForce(text: string): string {
  return text.replace(/^bootstrap:\n(?: .*\n)+/m, "");
}

/** A server as HAProxy has it, with how many checks in a row said otherwise. */
export interface Check {
  readonly up: boolean;
  readonly against: number;
}

/** A step that its host could not do, or would not. */
export class ModelStepError extends Error {
  override readonly name: string = "ModelStepError";
}

/** What a process tells of the unit file that it was started from. */
export function marksOf(
  name: string,
  files: ReadonlyMap<string, string>,
): { readonly startedMark?: string; readonly image?: string } {
  const file = UNIT_FILES.flatMap(([unit, path]) => (unit === name ? (files.get(path) ?? []) : []))[0] ?? "";
  const startedMark = /^Environment=PGHA_UNIT=(\w+)$/m.exec(file)?.[1];
  const image = /--entrypoint \w+ (sha256:[0-9a-f]+)/.exec(file)?.[1];
  return { ...(startedMark === undefined ? {} : { startedMark }), ...(image === undefined ? {} : { image }) };
}
