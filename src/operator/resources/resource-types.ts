import { GROUP, VERSION } from "../../api/index.ts";
import type { Kind } from "../../api/index.ts";
import { KIND_NAMES } from "../../api/printer-columns.ts";
import type { ResourceType } from "../../runtime/kube-object.ts";

export const RESOURCE_TYPES: Readonly<Record<Kind, ResourceType>> = {
  PostgresHACluster: typeOf("PostgresHACluster"),
  HAProxyPool: typeOf("HAProxyPool"),
  PgBouncerPool: typeOf("PgBouncerPool"),
};

export const KINDS = Object.keys(RESOURCE_TYPES) as readonly Kind[];

function typeOf(kind: Kind): ResourceType {
  return { group: GROUP, version: VERSION, plural: KIND_NAMES[kind].plural, kind };
}
