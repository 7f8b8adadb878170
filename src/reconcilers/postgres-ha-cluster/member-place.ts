import type { DesiredContainer } from "../../desired/container.ts";
import type { DesiredFile, MaskedUnit } from "../../desired/host.ts";
import { PACKAGED_POSTGRESQL, PATRONI, PATRONI_INSIDE } from "../../desired/services.ts";
import type { Service } from "../../desired/services.ts";
import { patronictlInside } from "../../render/container-tool.ts";
import { patroniContainerUnit } from "../../render/container-units.ts";
import type { UnitFile } from "../../render/unit-file.ts";
import { createClusterConf, patroniDropIn, patronictlScript } from "../../render/units.ts";
import type { Ground } from "../container.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** What of a member's host goes by whether Patroni runs on it or in a container. */
export interface MemberPlace {
  readonly container?: DesiredContainer;
  readonly service: Service;
  readonly unit: UnitFile;
  readonly owner: { readonly owner: string; readonly group: string };
  readonly before: readonly DesiredFile[];
  readonly tool: readonly DesiredFile[];
  readonly masked: readonly MaskedUnit[];
}

/** What there is of it on a ground; of one that is not known yet no more counts than which files there are. */
export function placeOf({ cluster, dcs, ground: wanted }: ResolvedCluster, ground: Ground | "not known"): MemberPlace {
  const { mountPath } = cluster.spec.postgresql.dataVolume;
  const libraries = dcs.pythonPath === undefined ? {} : { pythonPath: dcs.pythonPath };
  const toolOf = (content: string): DesiredFile => ({
    path: PATRONI.tool,
    content,
    ...ROOT_FILE,
    mode: 0o755,
    yields: true,
  });
  if (ground === "host")
    return {
      service: PATRONI,
      unit: patroniDropIn({ mountPath, ...libraries }),
      owner: { owner: "postgres", group: "postgres" },
      before: [{ path: PATRONI.createCluster, content: createClusterConf(), ...ROOT_FILE, beforePackages: true }],
      tool: dcs.pythonPath === undefined ? [] : [toolOf(patronictlScript({ pythonPath: dcs.pythonPath }))],
      masked: [PACKAGED_POSTGRESQL],
    };
  const image = wanted === "host" ? "" : wanted.image;
  const container = ground === "not known" ? { image, inside: NOT_KNOWN } : ground;
  const { uid, gid } = container.inside;
  return {
    container,
    service: PATRONI_INSIDE,
    unit: patroniContainerUnit(container, { mountPath, ...libraries }),
    owner: { owner: String(uid), group: String(gid) },
    before: [],
    tool: [toolOf(patronictlInside())],
    masked: [],
  };
}

const NOT_KNOWN = { uid: 0, gid: 0, version: "" } as const;

export const ROOT_FILE = { owner: "root", group: "root", mode: 0o644, secret: false } as const;
