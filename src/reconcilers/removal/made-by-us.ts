import { dataDirectoryOf } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { UNIT_PATHS } from "../../render/units.ts";
import { dcsKindOf } from "../dcs.ts";
import { HAPROXY_UNIT } from "../haproxy-pool/layout.ts";
import { PGBOUNCER_UNIT } from "../pgbouncer-pool/layout.ts";
import { PATRONI_CONFIG, PATRONI_UNIT } from "../postgres-ha-cluster/layout.ts";

/** What a resource of this kind leaves on each of its hosts, and what may therefore go with it. Packages stay. */
export interface MadeByUs {
  readonly unit: string;
  /** Files outside folders of our own: each is looked into before it goes. */
  readonly files: readonly string[];
  /** Folders of our own. */
  readonly trees: readonly string[];
  /** Where the data is; undefined for what has none. */
  readonly data: { readonly directory: string; readonly besides: readonly string[] } | undefined;
}

export function madeByUs(resource: Resource): MadeByUs {
  switch (resource.kind) {
    case "PostgresHACluster": {
      const dcs = dcsKindOf(resource).places(resource);
      return {
        unit: PATRONI_UNIT,
        files: [
          PATRONI_CONFIG,
          UNIT_PATHS.patroniDropIn,
          UNIT_PATHS.patroniStart,
          UNIT_PATHS.patronictl,
          UNIT_PATHS.createCluster,
        ],
        trees: dcs.trees,
        data: { directory: dataDirectoryOf(resource), besides: dcs.directories },
      };
    }
    case "HAProxyPool":
      return { unit: HAPROXY_UNIT, files: [UNIT_PATHS.haproxy], trees: ["/etc/pgha/haproxy"], data: undefined };
    case "PgBouncerPool":
      return { unit: PGBOUNCER_UNIT, files: [UNIT_PATHS.pgbouncer], trees: ["/etc/pgha/pgbouncer"], data: undefined };
  }
}
