import type { Lab } from "../lab/lab.ts";
import { asList, CLUSTER, labManifest } from "../journeys-kube/lab-manifest.ts";
import type { Stage } from "../journeys-kube/stage.ts";
import type { ClientLogin } from "./observer.ts";

export const NAMESPACE = "chaos";

/** The field's stack, of which commits wait for a second member, and which fails over as soon as Patroni lets it. */
export function chaosManifest(lab: Lab): string {
  const items = labManifest(lab, {
    namespace: NAMESPACE,
    parameters: { max_connections: 100, shared_buffers: "64MB", work_mem: "4MB" },
  });
  const more: Readonly<Record<string, object>> = {
    PostgresHACluster: {
      disruption: "Allow",
      patroni: { failover: "Fast", synchronousMode: "enabled", autoReinit: "enabled" },
    },
    HAProxyPool: { maxConnections: 1000 },
    PgBouncerPool: { defaultPoolSize: 20 },
  };
  return asList(
    items.map((item) => {
      const { kind, spec } = item as { readonly kind: string; readonly spec?: object };
      return more[kind] === undefined ? item : { ...item, spec: { ...spec, ...more[kind] } };
    }),
  );
}

export async function clientLogin({ kube }: Stage): Promise<ClientLogin> {
  const text = await kube.kubectl(["get", "secret", `${CLUSTER}-role-keybuzz`, "-n", NAMESPACE, "-o", "json"]);
  const { data } = JSON.parse(text) as { readonly data: Readonly<Record<string, string>> };
  const word = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
  return { user: word("username"), password: word("password"), database: word("dbname") };
}
