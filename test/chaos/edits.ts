import { CLUSTER, HAPROXY, PGBOUNCER } from "../journeys-kube/lab-manifest.ts";

/** What somebody changes in a manifest; `value` is a small number, another one each time. */
export interface Edit {
  readonly kind: "postgreshacluster" | "haproxypool" | "pgbouncerpool";
  readonly name: string;
  /** The patch of the whole object, given the spec as it is. */
  readonly patch: (value: number, spec: ClusterLists) => object;
}

/** Lists of a cluster that a patch can only replace. */
export interface ClusterLists {
  readonly roles?: readonly { readonly name: string }[];
  readonly databases?: readonly { readonly name: string; readonly owner: string }[];
}

const cluster = (patch: Edit["patch"]): Edit => ({ kind: "postgreshacluster", name: CLUSTER, patch });
const parameters = (patch: (value: number) => object): Edit =>
  cluster((value) => ({ spec: { postgresql: { parameters: patch(value) } } }));

export const EDITS = {
  "a parameter that is reloaded": parameters((value) => ({ work_mem: `${4 + value}MB` })),
  "a parameter that takes restarts": parameters((value) => ({ max_connections: 100 + ((value * 70) % 150) })),
  "a pooler's size": {
    kind: "pgbouncerpool",
    name: PGBOUNCER,
    patch: (value) => ({ spec: { defaultPoolSize: 20 + value } }),
  },
  "a proxy's limit": {
    kind: "haproxypool",
    name: HAPROXY,
    patch: (value) => ({ spec: { maxConnections: 1000 + value } }),
  },
  "one more role": cluster((value, { roles = [] }) => ({
    spec: { roles: [...roles, { name: `role${value}` }] },
  })),
  "one more database": cluster((value, { databases = [] }) => ({
    spec: { databases: [...databases, { name: `database${value}`, owner: "n8n" }] },
  })),
  "another leader": cluster((value) => ({
    metadata: { annotations: { "pgha.keybuzz.io/switchover-to": `any@${value}` } },
  })),
} as const satisfies Readonly<Record<string, Edit>>;

export type EditName = keyof typeof EDITS;

export const EDIT_NAMES = Object.keys(EDITS) as readonly EditName[];
