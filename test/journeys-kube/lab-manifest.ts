import { readFileSync } from "node:fs";
import type { Lab } from "../lab/lab.ts";

/** What a manifest for the lab's hosts may have different. */
export interface LabManifestOptions {
  readonly namespace: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly deletionPolicy?: "Retain" | "Stop" | "Purge";
  readonly purgeConfirmation?: string;
  /** The proxies' keys are believed on first use instead of being pinned. */
  readonly believesProxies?: boolean;
  /** In containers, from archives that are called as test/images/make calls them: with PostgreSQL 16 and no contrib. */
  readonly runtime?: "systemd" | "container";
}

export const CLUSTER = "keybuzz-pg";
export const HAPROXY = "keybuzz-haproxy";
export const PGBOUNCER = "keybuzz-pgbouncer";

/** The field's stack on the lab's five hosts, as objects for the API server: the SSH key, a cluster, two pools. */
export function labManifest(lab: Lab, options: LabManifestOptions): readonly object[] {
  const {
    namespace,
    parameters = { max_connections: 200, shared_buffers: "64MB" },
    deletionPolicy = "Retain",
    purgeConfirmation,
    believesProxies = false,
    runtime = "systemd",
  } = options;
  const isInside = runtime === "container";
  const from = (archive: string): object => (isInside ? { runtime, container: { image: { archive } } } : {});
  const extensions = isInside ? [] : ["uuid-ossp"];
  const host = (name: string, more: object = {}): object => {
    const { address, hostKey } = lab.host(name);
    return { name, address, hostKey, ...more };
  };
  const resource = (kind: string, name: string, spec: object): object => ({
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind,
    metadata: { name, namespace },
    spec,
  });
  const ssh = { user: "root", privateKeySecretRef: { name: "vm-ssh" }, connectTimeoutSeconds: 5 };
  const proxies = ["proxy-01", "proxy-02"].map((name) => host(name, believesProxies ? { hostKey: undefined } : {}));
  const proxySsh = { ...ssh, ...(believesProxies ? { hostKeyPolicy: "trust-on-first-use" } : {}) };
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "vm-ssh", namespace },
      type: "kubernetes.io/ssh-auth",
      stringData: { "ssh-privatekey": readFileSync(lab.sshKeyPath, "utf8") },
    },
    resource("PostgresHACluster", CLUSTER, {
      ...from("members.tar"),
      ssh,
      hosts: [host("db-master-01", { failoverPriority: 2 }), host("db-slave-01"), host("db-slave-02")],
      postgresql: {
        version: isInside ? 16 : 17,
        dataVolume: { mountPath: "/opt/keybuzz/postgres/data", filesystem: "xfs" },
        parameters,
        clientNetworks: ["10.77.0.0/16"],
      },
      roles: [{ name: "keybuzz" }, { name: "n8n" }],
      databases: [
        { name: "keybuzz", owner: "keybuzz", extensions: [...extensions, "vector"] },
        { name: "n8n", owner: "n8n", extensions },
      ],
      deletionPolicy,
      ...(purgeConfirmation === undefined ? {} : { purgeConfirmation }),
    }),
    resource("HAProxyPool", HAPROXY, {
      ...from("haproxy.tar"),
      clusterRef: { name: CLUSTER },
      ssh: proxySsh,
      hosts: proxies,
      deletionPolicy,
    }),
    resource("PgBouncerPool", PGBOUNCER, {
      ...from("pgbouncer.tar"),
      clusterRef: { name: CLUSTER },
      ssh: proxySsh,
      hosts: proxies,
      deletionPolicy,
    }),
  ];
}

/** A base for all of its hosts, of what a lab's can have. */
export function baselineManifest(namespace: string): object {
  return {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "HostBaseline",
    metadata: { name: "keybuzz-base", namespace },
    spec: {
      clusterRef: { name: CLUSTER },
      timezone: "UTC",
      swap: "none",
      journal: { maxUse: "100M" },
      removeIpc: "never",
    },
  };
}

export function asList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
