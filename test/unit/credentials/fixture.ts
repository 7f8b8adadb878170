import { parseDocuments } from "../../../src/api/parse.ts";
import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../../../src/api/index.ts";
import type { SecretDocument } from "../../../src/credentials/secret.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";

const manifest = `
apiVersion: pgha.keybuzz.io/v1alpha1
kind: PostgresHACluster
metadata: {name: main}
spec:
  ssh: {privateKeySecretRef: {name: vm-ssh}}
  hosts:
    - {name: db-1, address: 10.0.0.1}
    - {name: db-2, address: 10.0.0.2}
    - {name: db-3, address: 10.0.0.3}
  postgresql: {version: 17, dataVolume: {mountPath: /data}}
  roles: [{name: n8n}, {name: key_buzz, passwordSecretRef: {name: own}}, {name: readers, login: false}]
  databases: [{name: flows, owner: n8n}]
---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: HAProxyPool
metadata: {name: main-haproxy}
spec: {clusterRef: {name: main}, ssh: {privateKeySecretRef: {name: vm-ssh}}, hosts: [{name: lb-1, address: 10.0.0.11}, {name: lb-2, address: 10.0.0.12}]}
---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: PgBouncerPool
metadata: {name: main-pgbouncer}
spec: {clusterRef: {name: main}, ssh: {privateKeySecretRef: {name: vm-ssh}}, hosts: [{name: lb-1, address: 10.0.0.11}, {name: lb-2, address: 10.0.0.12}]}
`;

const { resources, problems } = parseDocuments(manifest, "fixture");
if (problems.length > 0) {
  throw new Error(JSON.stringify(problems));
}

export const cluster = resources.find((resource) => resource.kind === "PostgresHACluster") as PostgresHACluster;
export const pools = {
  haproxy: resources.filter((resource): resource is HAProxyPool => resource.kind === "HAProxyPool"),
  pgbouncer: resources.filter((resource): resource is PgBouncerPool => resource.kind === "PgBouncerPool"),
};

export function secretOf(
  name: string,
  data: Readonly<Record<string, string>>,
  type = "kubernetes.io/basic-auth",
): SecretDocument {
  return {
    name,
    labels: {},
    annotations: {},
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, sensitive(value)])),
  };
}

export function byName(...secrets: readonly SecretDocument[]): ReadonlyMap<string, SecretDocument> {
  return new Map(secrets.map((secret) => [secret.name, secret]));
}

export function revealed(secret: SecretDocument | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, value.reveal()]));
}
