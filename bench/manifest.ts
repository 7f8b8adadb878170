import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dump, loadAll } from "js-yaml";
import type { Lab, LabHost } from "../test/lab/lab.ts";

/** The field's stack on the hosts of a lab, with the lab's key as a Secret: keep the file to yourself. */
export function manifestFor(lab: Lab): string {
  const hosts = (names: readonly string[]): string =>
    names.map((name) => `    - ${hostText(lab.host(name))}`).join("\n");
  const key = readFileSync(lab.sshKeyPath, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
  return `apiVersion: pgha.keybuzz.io/v1alpha1
kind: PostgresHACluster
metadata: {name: keybuzz-pg}
spec:
  ssh: {user: root, privateKeySecretRef: {name: vm-ssh}}
  hosts:
${hosts(MEMBERS)}
  postgresql:
    version: 17
    dataVolume: {mountPath: /opt/keybuzz/postgres/data, filesystem: xfs}
    parameters: {max_connections: 200, shared_buffers: 64MB}
    clientNetworks: [10.77.0.0/16]
  patroni: {failover: Standard, dcs: {raft: {port: 7000}}}
  roles: [{name: keybuzz}, {name: n8n}, {name: chatwoot}]
  databases:
    - {name: keybuzz,  owner: keybuzz,  extensions: [uuid-ossp, vector]}
    - {name: n8n,      owner: n8n,      extensions: [uuid-ossp]}
    - {name: chatwoot, owner: chatwoot, extensions: [uuid-ossp, pgcrypto, pg_stat_statements]}
---
${pool("HAProxyPool", "keybuzz-haproxy", hosts(PROXIES))}
---
${pool("PgBouncerPool", "keybuzz-pgbouncer", hosts(PROXIES))}
---
apiVersion: v1
kind: Secret
metadata: {name: vm-ssh}
type: kubernetes.io/ssh-auth
stringData:
  ssh-privatekey: |
${key}
`;
}

/** The same in containers, from the images for tests in a folder: PostgreSQL 16 is in them, and no contrib. */
export function inContainers(manifest: string, images: string): string {
  const documents = loadAll(manifest) as readonly { readonly kind: string; readonly spec: Record<string, unknown> }[];
  for (const { kind, spec } of documents) {
    const archive = ARCHIVES[kind];
    if (archive === undefined) continue;
    Object.assign(spec, { runtime: "container", container: { image: { archive: join(images, archive) } } });
    if (kind !== "PostgresHACluster") continue;
    Object.assign(spec["postgresql"] as object, { version: 16 });
    for (const database of spec["databases"] as { extensions: string[] }[])
      database.extensions = database.extensions.filter((name) => name === "vector");
  }
  return documents.map((document) => dump(document, { lineWidth: -1 })).join("---\n");
}

const ARCHIVES: Readonly<Record<string, string>> = {
  PostgresHACluster: "members.tar",
  HAProxyPool: "haproxy.tar",
  PgBouncerPool: "pgbouncer.tar",
};

export const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"] as const;
export const PROXIES = ["proxy-01", "proxy-02"] as const;

function hostText({ name, address, hostKey }: LabHost): string {
  const priority = name === MEMBERS[0] ? ", failoverPriority: 2" : "";
  return `{name: ${name}, address: ${address}, hostKey: ${hostKey}${priority}}`;
}

function pool(kind: string, name: string, hosts: string): string {
  return `apiVersion: pgha.keybuzz.io/v1alpha1
kind: ${kind}
metadata: {name: ${name}}
spec:
  clusterRef: {name: keybuzz-pg}
  ssh: {user: root, privateKeySecretRef: {name: vm-ssh}}
  hosts:
${hosts}`;
}

/** The login in a role's Secret, as the state folder has it. */
export function loginIn(file: string): { readonly user: string; readonly password: string } {
  const [secret] = loadAll(readFileSync(file, "utf8")) as [{ readonly data: Readonly<Record<string, string>> }];
  const text = (key: string): string => Buffer.from(secret.data[key] ?? "", "base64").toString();
  return { user: text("username"), password: text("password") };
}
