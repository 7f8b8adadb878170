import type { FormerPooler } from "../../src/changes/keep-former.ts";
import type { PgBouncerFact } from "../../src/facts/types.ts";
import type { ModelHost } from "./model-host.ts";
import { ModelStepError, PGBOUNCER } from "./model-units.ts";

/** A PgBouncer that another process took the place of, and that serves on until its keeper ends it. */
export interface ModelFormer {
  readonly port: number;
  readonly listens: boolean;
  /** In seconds from when it was left; then by the clock, in milliseconds. */
  readonly seconds: number;
  readonly until?: number;
}

const CLIENTS_STAY_SECONDS = 20;

/** What the command that leaves one does, once the other is there. It has no name for a second. */
export function leaveFormer(host: ModelHost, { seconds, listens }: FormerPooler): void {
  if (!host.active.has(PGBOUNCER)) throw new ModelStepError(`no PgBouncer runs on ${host.name}`);
  if (host.former !== undefined) throw new ModelStepError(`${host.name} has a PgBouncer from before`);
  // Its clients renew their connections; of a port that is not closed yet, too.
  host.former = { port: portOf(host), listens, seconds: Math.min(seconds, CLIENTS_STAY_SECONDS) };
}

/** Its keeper, on the host, whoever else is there. */
export function keepFormer(host: ModelHost, clock: number): void {
  const { former } = host;
  if (former === undefined) return;
  if (!host.powered) host.former = undefined;
  else if (former.until === undefined) host.former = { ...former, until: clock + former.seconds * 1000 };
  else if (former.until <= clock) host.former = undefined;
}

export function formerFact({ former }: ModelHost): Pick<PgBouncerFact, "former"> {
  if (former === undefined) return {};
  const { port, listens, until = 0 } = former;
  return { former: { port, listens, until: Math.floor(until / 1000) } };
}

/** Where PgBouncer listens, by its sockets. */
export function poolerPorts(host: ModelHost): readonly number[] {
  const ports = [
    ...(host.active.has(PGBOUNCER) ? [portOf(host)] : []),
    ...(host.former?.listens ? [host.former.port] : []),
  ];
  return [...new Set(ports)];
}

/** Where it listens: as it was started. */
function portOf(host: ModelHost): number {
  const ini = host.startedWith.get(PGBOUNCER)?.get("/etc/pgha/pgbouncer/pgbouncer.ini") ?? "";
  return Number(/^listen_port = (\d+)$/m.exec(ini)?.[1] ?? 0);
}
