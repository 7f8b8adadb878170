import { PGBOUNCER } from "../../desired/services.ts";
import type { Answers, FactSet, Look } from "../../facts/fact.ts";
import { loginsFact } from "../../facts/logins.ts";
import { mountFact } from "../../facts/mount.ts";
import { namesFact } from "../../facts/names.ts";
import { pgbouncerFact } from "../../facts/pgbouncer.ts";
import { reachFact } from "../../facts/reach.ts";
import type { WithImage } from "../container.ts";
import { hostQuestions } from "../host-questions.ts";
import type { DesiredPgBouncer, DesiredPooler } from "./desire.ts";
import { upstreamOf } from "./resolve.ts";

/** What a pooler's host is asked, all in one look; the logins are a client's, through the whole path. */
export function questionsFor(desired: DesiredPgBouncer, host: DesiredPooler) {
  const { pool, cluster } = desired.resolved;
  const upstream = upstreamOf(desired.resolved, host.spec.address);
  const elsewhere = upstream.addresses.filter((address) => address !== "127.0.0.1");
  const reads = cluster.spec.hosts.length > 1;
  return {
    // Which files and units there are does not depend on the version.
    ...hostQuestions(host.with(undefined).host),
    mount: mountFact(pool.spec.dataVolume?.mountPath ?? "/"),
    names: namesFact([host.spec.address, ...elsewhere]),
    reach: reachFact({
      targets: elsewhere.map((address) => ({ address, port: upstream.writePort })),
      skipWhenActive: PGBOUNCER.unit,
    }),
    pgbouncer: pgbouncerFact(PGBOUNCER),
    logins: loginsFact({
      pooler: { address: host.spec.address, port: pool.spec.port },
      direct: { address: upstream.addresses[0] ?? "127.0.0.1", port: upstream.writePort },
      ...(reads ? { read: { address: upstream.addresses[0] ?? "127.0.0.1", port: upstream.readPort } } : {}),
      logins: desired.logins,
    }),
  } satisfies FactSet;
}

export type PgBouncerFacts = Answers<ReturnType<typeof questionsFor>> & WithImage;

/** By host name. */
export type PgBouncerLooks = ReadonlyMap<string, Look<PgBouncerFacts>>;
