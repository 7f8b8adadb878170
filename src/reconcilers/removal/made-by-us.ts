import { dataDirectoryOf } from "../../api/index.ts";
import type { ServiceResource } from "../../api/index.ts";
import { dcsKindOf } from "../dcs.ts";
import { serviceOf } from "../service-of.ts";

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

export function madeByUs(resource: ServiceResource): MadeByUs {
  const { unit, unitFile, config, folder, besides } = serviceOf(resource);
  const files = [...(folder === undefined ? [config] : []), unitFile, ...besides];
  const trees = folder === undefined ? [] : [folder];
  if (resource.kind !== "PostgresHACluster") return { unit, files, trees, data: undefined };
  const dcs = dcsKindOf(resource).places(resource);
  return {
    unit,
    files,
    trees: [...trees, ...dcs.trees],
    data: { directory: dataDirectoryOf(resource), besides: dcs.directories },
  };
}
