import * as services from "../../src/desired/services.ts";

export const PATRONI = services.PATRONI.unit;
export const HAPROXY = services.HAPROXY.unit;
export const PGBOUNCER = services.PGBOUNCER.unit;

const ALL = [services.PATRONI, services.HAPROXY, services.PGBOUNCER];

export const UNIT_FILES: ReadonlyMap<string, string> = new Map(ALL.map(({ unit, unitFile }) => [unit, unitFile]));

/** Without these a program ends as soon as it is started. */
export const CONFIGURATIONS: ReadonlyMap<string, string> = new Map(ALL.map(({ unit, config }) => [unit, config]));

/** A server as HAProxy has it, with how many checks in a row said otherwise. */
export interface Check {
  readonly up: boolean;
  readonly against: number;
}

/** A step that its host could not do, or would not. */
export class ModelStepError extends Error {
  override readonly name: string = "ModelStepError";
}
