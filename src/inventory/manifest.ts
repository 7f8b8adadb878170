import { API_VERSION } from "../api/index.ts";
import { manifestName } from "./soundness.ts";
import { runtimeLines } from "./images.ts";
import type { RuntimeAsked } from "./images.ts";
import type { InventoryHost } from "./row.ts";
import { yamlScalar } from "./yaml-scalar.ts";

/** All that goes into an imported manifest. */
export interface ManifestPlan {
  /** First line, for the reader. Without line breaks. */
  readonly heading: string;
  readonly name: string;
  readonly databases: readonly InventoryHost[];
  readonly proxies: readonly InventoryHost[];
  /** The host that is promoted before other replicas with the same data; undefined for no preference. */
  readonly preferred: InventoryHost | undefined;
  readonly sshUser: string | undefined;
  readonly sshKeySecret: string;
  readonly postgresVersion: number;
  readonly mountPath: string;
  readonly filesystem: string | undefined;
  readonly clientNetworks: readonly string[];
  readonly roles: readonly string[];
  readonly owned: readonly { readonly name: string; readonly owner: string }[];
  readonly runtime: RuntimeAsked;
  /** Whether the base of the hosts is part of it. */
  readonly baseline: boolean;
}

/** The resources as a person would write them: one host a line, a screen in all. */
export function formatManifest(plan: ManifestPlan, hostKeyOf: (host: InventoryHost) => string): string {
  const documents = [
    cluster(plan, hostKeyOf),
    ...(plan.proxies.length === 0 ? [] : [haproxy(plan, hostKeyOf), pgbouncer(plan, hostKeyOf)]),
    ...(plan.baseline ? [baseline(plan)] : []),
  ];
  return `# ${plan.heading}\n${documents.map((lines) => `${lines.join("\n")}\n`).join("---\n")}`;
}

function cluster(plan: ManifestPlan, hostKeyOf: (host: InventoryHost) => string): readonly string[] {
  const user = sshUserOf(plan.databases, plan);
  const filesystem = plan.filesystem === undefined ? "" : `, filesystem: ${yamlScalar(plan.filesystem)}`;
  return [
    ...head("PostgresHACluster", plan.name),
    `  ssh: ${sshOf(user, plan)}`,
    "  hosts:",
    ...plan.databases.map((host) =>
      hostLine(host, user, plan, hostKeyOf, host === plan.preferred ? ["failoverPriority: 2"] : []),
    ),
    ...(plan.databases.length === 1 ? ["  allowSingleMember: true"] : []),
    ...runtimeLines("PostgresHACluster", plan.runtime),
    "  postgresql:",
    `    version: ${plan.postgresVersion}`,
    `    dataVolume: {mountPath: ${yamlScalar(plan.mountPath)}${filesystem}}`,
    "    parameters: {max_connections: 200, shared_buffers: 256MB}",
    ...(plan.clientNetworks.length === 0
      ? []
      : [`    clientNetworks: [${plan.clientNetworks.map(yamlScalar).join(", ")}]`]),
    "  patroni: {failover: Standard, dcs: {raft: {port: 7000}}}",
    `  roles: [${plan.roles.map((name) => `{name: ${yamlScalar(name)}}`).join(", ")}]`,
    "  databases: " +
      `[${plan.owned.map(({ name, owner }) => `{name: ${yamlScalar(name)}, owner: ${yamlScalar(owner)}}`).join(", ")}]`,
  ];
}

function haproxy(plan: ManifestPlan, hostKeyOf: (host: InventoryHost) => string): readonly string[] {
  return [...pool("HAProxyPool", "haproxy", plan, hostKeyOf), "  ports: {write: 5432, read: 5433, stats: 8404}"];
}

function pgbouncer(plan: ManifestPlan, hostKeyOf: (host: InventoryHost) => string): readonly string[] {
  return [
    ...pool("PgBouncerPool", "pgbouncer", plan, hostKeyOf),
    "  port: 6432",
    "  poolMode: transaction",
    "  defaultPoolSize: 20",
  ];
}

/** What can be had on any host and is noticed by nobody; the rest is a person's to ask for. */
function baseline(plan: ManifestPlan): readonly string[] {
  return [
    ...head("HostBaseline", `${plan.name}-base`),
    `  clusterRef: {name: ${yamlScalar(plan.name)}}`,
    "  sysctl: {}",
    "  # timezone: Europe/Berlin",
    "  # time: {}",
    "  # swap: none",
    "  # limits: {openFiles: 65536}",
    "  # journal: {maxUse: 1G}",
    "  # removeIpc: never",
    "  # hugePages: shared-buffers",
    "  # fail2ban: {}",
    "  # auditd: {}",
    "  # packages: [htop, rsync]",
    "  # sshd: keys-only",
    "  # firewall: {drop: everything, adminNetworks: [10.0.9.0/24]}",
  ];
}

function pool(
  kind: "HAProxyPool" | "PgBouncerPool",
  suffix: string,
  plan: ManifestPlan,
  hostKeyOf: (host: InventoryHost) => string,
): readonly string[] {
  const user = sshUserOf(plan.proxies, plan);
  return [
    ...head(kind, `${plan.name}-${suffix}`),
    `  clusterRef: {name: ${yamlScalar(plan.name)}}`,
    `  ssh: ${sshOf(user, plan)}`,
    "  hosts:",
    ...plan.proxies.map((host) => hostLine(host, user, plan, hostKeyOf, [])),
    ...runtimeLines(kind, plan.runtime),
  ];
}

function head(kind: string, name: string): readonly string[] {
  return [`apiVersion: ${API_VERSION}`, `kind: ${kind}`, `metadata: {name: ${yamlScalar(name)}}`, "spec:"];
}

function hostLine(
  host: InventoryHost,
  common: string,
  plan: ManifestPlan,
  hostKeyOf: (host: InventoryHost) => string,
  more: readonly string[],
): string {
  const own = userOf(host, plan);
  const ssh = own === common ? [] : [`ssh: {user: ${yamlScalar(own)}, become: ${becomeOf(own)}}`];
  const fields = [
    `name: ${yamlScalar(manifestName(host))}`,
    `address: ${yamlScalar(host.address)}`,
    `hostKey: ${yamlScalar(hostKeyOf(host))}`,
    ...more,
    ...ssh,
  ];
  return `    - {${fields.join(", ")}}`;
}

function sshOf(user: string, plan: ManifestPlan): string {
  return (
    `{user: ${yamlScalar(user)}, ` +
    `${user === "root" ? "" : `become: ${becomeOf(user)}, `}privateKeySecretRef: {name: ` +
    `${yamlScalar(plan.sshKeySecret)}}}`
  );
}

/** The user that most hosts of a resource have; the others override it. */
function sshUserOf(hosts: readonly InventoryHost[], plan: ManifestPlan): string {
  const users = hosts.map((host) => userOf(host, plan));
  const votes = (user: string): number => users.filter((other) => other === user).length;
  return users.toSorted((a, b) => votes(b) - votes(a))[0] ?? "root";
}

function userOf(host: InventoryHost, plan: ManifestPlan): string {
  return plan.sshUser ?? (host.user === "" ? "root" : host.user);
}

function becomeOf(user: string): "none" | "sudo" {
  return user === "root" ? "none" : "sudo";
}
