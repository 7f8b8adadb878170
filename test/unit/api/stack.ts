import type { Problem } from "../../../src/errors.ts";
import type {
  Resource,
  WrittenHAProxyPool,
  WrittenHostBaseline,
  WrittenPgBouncerPool,
  WrittenPostgresHACluster,
} from "../../../src/api/kinds.ts";
import { merge, parseDocuments, parseValue } from "../../../src/api/parse.ts";
import { validateParsed } from "../../../src/api/validate.ts";

/** A stack as a person writes it, to be spoilt by a test. */
export interface Stack {
  cluster: Mutable<WrittenPostgresHACluster>;
  haproxy: Mutable<WrittenHAProxyPool>;
  pgbouncer: Mutable<WrittenPgBouncerPool>;
  /** Further documents. */
  more: unknown[];
}

type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** A well-formed Ed25519 host key, another one for each number. */
export function hostKey(number: number): string {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return (
    "ssh-ed25519 " +
    `${Buffer.concat([part(Buffer.from("ssh-ed25519")), part(Buffer.alloc(32, number))]).toString("base64")}`
  );
}

export function soundStack(): Stack {
  const ssh = { privateKeySecretRef: { name: "vm-ssh" } };
  const proxies = () => [
    { name: "proxy-1", address: "10.0.0.11", hostKey: hostKey(11) },
    { name: "proxy-2", address: "10.0.0.12", hostKey: hostKey(12) },
  ];
  return {
    cluster: {
      apiVersion: "pgha.keybuzz.io/v1alpha1",
      kind: "PostgresHACluster",
      metadata: { name: "main" },
      spec: {
        ssh: { ...ssh },
        hosts: [
          { name: "db-1", address: "10.0.0.120", hostKey: hostKey(1) },
          { name: "db-2", address: "10.0.0.121", hostKey: hostKey(2) },
          { name: "db-3", address: "10.0.0.122", hostKey: hostKey(3) },
        ],
        postgresql: { version: 17, dataVolume: { mountPath: "/srv/postgres" }, parameters: { max_connections: 200 } },
        roles: [{ name: "app" }, { name: "reader", memberOf: ["pg_read_all_data"] }],
        databases: [{ name: "app", owner: "app", extensions: ["vector"] }],
      },
    },
    haproxy: {
      apiVersion: "pgha.keybuzz.io/v1alpha1",
      kind: "HAProxyPool",
      metadata: { name: "proxy" },
      spec: { clusterRef: { name: "main" }, ssh: { ...ssh }, hosts: proxies() },
    },
    pgbouncer: {
      apiVersion: "pgha.keybuzz.io/v1alpha1",
      kind: "PgBouncerPool",
      metadata: { name: "pooler" },
      spec: { clusterRef: { name: "main" }, ssh: { ...ssh }, hosts: proxies() },
    },
    more: [],
  };
}

/** A baseline of all its hosts, in full. */
export function soundBaseline(): Mutable<WrittenHostBaseline> {
  return {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "HostBaseline",
    metadata: { name: "base" },
    spec: {
      clusterRef: { name: "main" },
      sysctl: { values: { "vm.swappiness": 5 } },
      timezone: "UTC",
      time: { servers: ["ntp.example.org"] },
      swap: "none",
      limits: { openFiles: 65536 },
      journal: { maxUse: "1G" },
      removeIpc: "never",
      hugePages: "shared-buffers",
    },
  };
}

export interface Verdict {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly resources: readonly Resource[];
}

/** Judges the sound stack after a change to it, through the same door as a file. */
export function judge(spoil: (stack: Stack) => void = () => {}): Verdict {
  const stack = soundStack();
  spoil(stack);
  return judgeDocuments([stack.cluster, stack.haproxy, stack.pgbouncer, ...stack.more]);
}

export function judgeDocuments(documents: readonly unknown[]): Verdict {
  const parsed = parseDocuments(documents.map((document) => JSON.stringify(document)).join("\n---\n"), "stack.yaml");
  return { ...validateParsed(parsed), resources: parsed.resources };
}

/** The same without the detour through YAML, for tests that judge thousands. */
export function judgeValues(values: readonly unknown[]): Verdict {
  const parsed = merge(values.map((value, index) => parseValue(value, `value ${index + 1}`)));
  return { ...validateParsed(parsed), resources: parsed.resources };
}

/** `Kind/name path`, without the words, for tests about where. */
export function places(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ resource, path }) => `${resource} ${path}`.trim());
}

/** Sets a field to something that the types forbid. */
export function force(around: object, field: string, value: unknown): void {
  Reflect.set(around, field, value);
}
