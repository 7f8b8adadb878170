import { loadManifestText } from "../../src/api/load.ts";
import { stackOf } from "../../src/reconcilers/stack.ts";
import type { Stack } from "../../src/reconcilers/stack.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDMLIP2+yIKq1usJF0nLUFDiX0G1qq6gsGgzK78gHUQ3";

const SAMPLE = `
apiVersion: pgha.keybuzz.io/v1alpha1
kind: PostgresHACluster
metadata: {name: keybuzz-pg}
spec:
  ssh: {user: root, privateKeySecretRef: {name: vm-ssh}}
  hosts:
    - {name: db-master-01, address: 10.0.0.120, hostKey: "${KEY}", failoverPriority: 2}
    - {name: db-slave-01, address: 10.0.0.121, hostKey: "${KEY}"}
    - {name: db-slave-02, address: 10.0.0.122, hostKey: "${KEY}"}
  postgresql:
    version: 17
    dataVolume: {mountPath: /opt/keybuzz/postgres/data, filesystem: xfs}
    parameters: {max_connections: 200, shared_buffers: 256MB}
    clientNetworks: [10.0.0.0/16]
  roles: [{name: keybuzz, memberOf: [readers]}, {name: readers, login: false}, {name: n8n}]
  databases:
    - {name: keybuzz, owner: keybuzz, extensions: [uuid-ossp, vector]}
    - {name: n8n, owner: n8n, extensions: [uuid-ossp]}
---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: HAProxyPool
metadata: {name: keybuzz-haproxy}
spec:
  clusterRef: {name: keybuzz-pg}
  ssh: {user: root, privateKeySecretRef: {name: vm-ssh}}
  hosts:
    - {name: proxy-01, address: 10.0.0.11, hostKey: "${KEY}"}
    - {name: proxy-02, address: 10.0.0.12, hostKey: "${KEY}"}
---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: PgBouncerPool
metadata: {name: keybuzz-pgbouncer}
spec:
  clusterRef: {name: keybuzz-pg}
  ssh: {user: root, privateKeySecretRef: {name: vm-ssh}}
  hosts:
    - {name: proxy-01, address: 10.0.0.11, hostKey: "${KEY}"}
    - {name: proxy-02, address: 10.0.0.12, hostKey: "${KEY}"}
`;

const BASELINE = `---
apiVersion: pgha.keybuzz.io/v1alpha1
kind: HostBaseline
metadata: {name: keybuzz-base}
spec:
  clusterRef: {name: keybuzz-pg}
  timezone: Europe/Berlin
  packages: [rsync]
  sysctl: {values: {net.core.somaxconn: 8192, vm.dirty_ratio: 10}}
  time: {servers: [10.0.9.1]}
  swap: none
  journal: {maxUse: 1G}
  removeIpc: never
  fail2ban: {banTime: 1d}
  auditd: {}
`;

/** The same, with a baseline for all of its hosts. */
export function stackWithBaseline(): Stack {
  return stackOf(loadManifestText(`${SAMPLE}${BASELINE}`, "sample").resources);
}

/** Three members, two proxy hosts, as in the field: the stack of the unit tests. */
export function sampleStack(): Stack {
  const { resources } = loadManifestText(SAMPLE, "sample");
  return stackOf(resources);
}
