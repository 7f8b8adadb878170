import { HAPROXY } from "../../desired/services.ts";
import type { Answers, FactSet, Look } from "../../facts/fact.ts";
import { haproxyFact } from "../../facts/haproxy.ts";
import { mountFact } from "../../facts/mount.ts";
import { namesFact } from "../../facts/names.ts";
import { reachFact } from "../../facts/reach.ts";
import type { WithImage } from "../container.ts";
import { hostQuestions } from "../host-questions.ts";
import type { DesiredHAProxy } from "./desire.ts";

/** What a proxy host is asked, all in one look. */
export function questionsFor(desired: DesiredHAProxy, host: DesiredHAProxy["hosts"][number]) {
  const { pool, cluster } = desired.resolved;
  return {
    ...hostQuestions(host.host),
    mount: mountFact(pool.spec.dataVolume?.mountPath ?? "/"),
    names: namesFact([host.spec.address, ...cluster.spec.hosts.map(({ address }) => address)]),
    reach: reachFact({
      targets: cluster.spec.hosts.flatMap(({ address }) =>
        [cluster.spec.postgresql.port, cluster.spec.patroni.restApi.port].map((port) => ({ address, port })),
      ),
      skipWhenActive: HAPROXY.unit,
    }),
    haproxy: haproxyFact(HAPROXY),
  } satisfies FactSet;
}

export type HAProxyFacts = Answers<ReturnType<typeof questionsFor>> & WithImage;

/** By host name. */
export type HAProxyLooks = ReadonlyMap<string, Look<HAProxyFacts>>;
