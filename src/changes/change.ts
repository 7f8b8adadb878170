import type { DesiredArtifact, DesiredDirectory, DesiredFile, DesiredPackages } from "../desired/host.ts";
import type { PathFact } from "../facts/types.ts";

/**
 * Everything pgha can do, as data. `describe` tells a person, `commands` tells the host; nothing else may turn a
 * change into an act.
 */
export type Change = HostChange | ControllerChange;

/** Acts on a host. */
export type HostChange =
  | { readonly kind: "write-file"; readonly file: DesiredFile; readonly before: PathFact }
  | { readonly kind: "make-directory"; readonly directory: DesiredDirectory; readonly before: PathFact }
  | {
      readonly kind: "install-packages";
      readonly packages: DesiredPackages;
      readonly missing: readonly string[];
      readonly maskFirst: readonly string[];
    }
  | { readonly kind: "push-artifact"; readonly artifact: DesiredArtifact }
  | { readonly kind: "arrange-units"; readonly mask: readonly string[]; readonly enable: readonly string[] }
  | { readonly kind: "start-unit"; readonly unit: string; readonly after?: DialTarget }
  | { readonly kind: "reload-unit"; readonly unit: string; readonly proof?: ReloadProof }
  | { readonly kind: "restart-unit"; readonly unit: string }
  | {
      readonly kind: "patch-dynamic-configuration";
      readonly url: string;
      readonly patch: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "restore-hba"; readonly dataDirectory: string; readonly lines: readonly string[] }
  | { readonly kind: "create-role"; readonly role: RoleAttributes }
  | {
      readonly kind: "alter-role";
      readonly role: RoleAttributes;
      readonly differences: readonly string[];
      readonly setVerifier: boolean;
      readonly grant: readonly string[];
      readonly revoke: readonly string[];
    }
  | {
      readonly kind: "create-database";
      readonly database: string;
      readonly owner: string;
      readonly encoding: string;
      readonly locale: string;
      readonly connectionLimit: number;
    }
  | {
      readonly kind: "alter-database";
      readonly database: string;
      readonly owner?: string;
      readonly connectionLimit?: number;
    }
  | { readonly kind: "create-extension"; readonly database: string; readonly extension: string }
  | { readonly kind: "stop-unit"; readonly unit: string }
  | { readonly kind: "remove-own-files"; readonly files: readonly string[]; readonly trees: readonly string[] }
  | { readonly kind: "remove-data"; readonly data: ClusterData };

/** Acts on the controlling side's own records: the state folder, or Kubernetes. */
export type ControllerChange =
  | {
      readonly kind: "write-secret";
      readonly secret: string;
      readonly purpose: string;
      readonly how: "generate" | "complete" | "renew" | "rotate";
    }
  | { readonly kind: "record-bootstrap-intent"; readonly members: readonly string[] };

/** Wait, bounded, until this port answers before starting: it saves a refused first dial and its long retry. */
export interface DialTarget {
  readonly address: string;
  readonly port: number;
}

/** How a reload is known to have taken. */
export type ReloadProof = HAProxyProof | PatroniProof | PgBouncerProof;

/** The running HAProxy shows this description. If not, `config` goes back. */
export interface HAProxyProof {
  readonly kind: "haproxy";
  readonly socket: string;
  readonly description: string;
  readonly config: string;
}

/** The running PgBouncer shows this mark as syslog_ident in SHOW CONFIG. If not, `config` goes back. */
export interface PgBouncerProof {
  readonly kind: "pgbouncer";
  readonly socketDirectory: string;
  readonly port: number;
  readonly mark: string;
  readonly config: string;
}

/** When a reload has taken: Patroni loads its file in the next round of its loop, and until then shows the tag of the last. */
export interface PatroniProof {
  readonly kind: "patroni";
  /** GET /patroni of the member. */
  readonly url: string;
  readonly tag: string;
  readonly value: string;
  /** How long that may take, in seconds. */
  readonly withinSeconds: number;
}

/** The data of one member. It is removed only while `unit` is down, and only if it is of the cluster with this identifier. */
export interface ClusterData {
  readonly directory: string;
  readonly raftDirectory: string;
  readonly systemId: string;
  readonly unit: string;
}

export interface RoleAttributes {
  readonly name: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createdb: boolean;
  readonly createrole: boolean;
  readonly inherit: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  readonly connectionLimit: number;
  readonly memberOf: readonly string[];
}
