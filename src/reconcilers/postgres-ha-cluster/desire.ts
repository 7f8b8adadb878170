import { dataDirectoryOf, scopeOf } from "../../api/index.ts";
import type { MemberHost } from "../../api/index.ts";
import type { DesiredDirectory, DesiredHost, DesiredService } from "../../desired/host.ts";
import { stampOf } from "../../desired/notes.ts";
import { PATRONI } from "../../desired/services.ts";
import type { DatabasesWish } from "../../plan/databases.ts";
import { neededOf } from "../../plan/needed.ts";
import type { Needed } from "../../plan/needed.ts";
import { hostPort } from "../../render/address.ts";
import { sha256 } from "../../render/digest.ts";
import { dynamicConfiguration } from "../../render/dynamic-configuration.ts";
import type { DynamicConfiguration } from "../../render/dynamic-configuration.ts";
import { patroniStartEnvironment, pythonPathOf } from "../../render/units.ts";
import type { Ground, MovableGround, MovableGrounds } from "../container.ts";
import { placeOf, ROOT_FILE } from "./member-place.ts";
import { packagesOf, upgradedOf } from "./packages.ts";
import { dynamicInput, patroniFile } from "./patroni-file.ts";
import type { ResolvedNames, SharedByMembers } from "./patroni-file.ts";
import type { ResolvedCluster } from "./resolve.ts";
import { volumeWish } from "./volume-wish.ts";
import type { VolumeWish } from "./volume-wish.ts";

export interface DesiredMember {
  readonly name: string;
  readonly address: string;
  readonly host: DesiredHost;
  /** What its Patroni runs on. */
  readonly ground: Ground | "not known";
  /** The same member where it is to be moved. */
  readonly move?: DesiredMember;
  /** What pgha is to mount there for its data. */
  readonly volume: VolumeWish | undefined;
  readonly hba: readonly string[];
  /** Its Patroni. What it has loaded, GET /patroni shows under tags.pgha_config. */
  readonly service: DesiredService;
  /** What a Patroni has in its environment that was started with this file. */
  readonly startDigest: string;
}

export interface DesiredCluster {
  readonly resolved: ResolvedCluster;
  /** What stands in pg_hba.conf for hosts that are given by name. */
  readonly names: ResolvedNames;
  readonly scope: string;
  readonly members: readonly DesiredMember[];
  readonly dynamicConfiguration: DynamicConfiguration;
  /** What a first bootstrap leaves in the DCS, before the plan puts the waits back. */
  readonly bootstrapConfiguration: DynamicConfiguration;
  /** What has to be on every member as a file. */
  readonly needed: Needed;
  readonly databases: Omit<DatabasesWish, "host">;
  readonly restApiUrl: (member: string) => string;
}

/**
 * What the cluster's hosts and databases should look like. Pure: of what is there it knows no more than what names
 * mean.
 */
export function desireCluster(
  resolved: ResolvedCluster,
  names: ResolvedNames = new Map(),
  grounds: MovableGrounds = new Map(),
): DesiredCluster {
  const { cluster, credentials } = resolved;
  const { hosts, patroni, postgresql, roles, databases } = cluster.spec;
  const dynamic = dynamicInput(resolved);
  const desired = dynamicConfiguration(dynamic);
  return {
    resolved,
    names,
    scope: scopeOf(cluster),
    members: hosts.map((host) => desireMember(resolved, host, { dynamic, names }, grounds.get(host.name))),
    dynamicConfiguration: desired,
    needed: neededOf(cluster, desired.postgresql.parameters),
    bootstrapConfiguration: { ...desired, loop_wait: 1 },
    databases: {
      resource: resolved.name,
      encoding: postgresql.encoding,
      locale: postgresql.locale,
      roles: roles.map(({ passwordSecretRef: _, ...role }) => ({
        ...role,
        verifierDigest: digestOf(credentials.roles[role.name]?.verifier.reveal() ?? ""),
      })),
      databases: databases.map(({ name, owner, connectionLimit, extensions }) => ({
        name,
        owner,
        connectionLimit,
        extensions,
      })),
    },
    restApiUrl: (member) =>
      `http://${hostPort(hosts.find((host) => host.name === member)?.address ?? "", patroni.restApi.port)}`,
  };
}

/** One that is to be moved is as it was, with what else will be needed, until its turn comes. */
function desireMember(
  resolved: ResolvedCluster,
  member: MemberHost,
  shared: SharedByMembers,
  known: MovableGround | undefined,
): DesiredMember {
  const wanted = memberOn(resolved, member, shared, known?.to ?? known?.on);
  if (known?.to === undefined) return wanted;
  const now = memberOn(resolved, member, shared, known.on);
  const { packages, upgrades, masked, files } = wanted.host;
  const steering = files.filter(({ path, beforePackages }) => beforePackages === true && !hasFile(now.host, path));
  return {
    ...now,
    host: {
      ...now.host,
      packages,
      ...(upgrades === undefined ? {} : { upgrades }),
      masked,
      files: [...steering, ...now.host.files],
    },
    move: wanted,
  };
}

function hasFile({ files }: DesiredHost, path: string): boolean {
  return files.some((file) => file.path === path);
}

function memberOn(
  resolved: ResolvedCluster,
  member: MemberHost,
  shared: SharedByMembers,
  known: Ground | "not known" | undefined,
): DesiredMember {
  const { cluster, dcs } = resolved;
  const ground = known ?? (resolved.ground === "host" ? "host" : "not known");
  const place = placeOf(resolved, ground);
  const rendered = patroniFile(resolved, member, shared, place.container);
  const { mountPath } = cluster.spec.postgresql.dataVolume;
  const startFile = patroniStartEnvironment(rendered.startDigest);
  const service: DesiredService = {
    of: place.service,
    loadedMark: rendered.digest,
    startedMark: place.unit.startedMark,
    startedFrom: Object.fromEntries([
      [place.service.unitFile, sha256(place.unit.content)],
      [PATRONI.startFile, sha256(startFile)],
      ...dcs.artifacts.map((artifact) => [stampOf(artifact.path), sha256(`${artifact.sha256}\n`)]),
    ]),
    ...(place.container === undefined ? {} : { image: place.container.image }),
    environment: dcs.pythonPath === undefined ? [] : [pythonPathOf(dcs.pythonPath)],
  };
  return {
    name: member.name,
    address: member.address,
    ground,
    volume: volumeWish(cluster.spec.postgresql, member),
    service,
    hba: rendered.hba,
    startDigest: rendered.startDigest,
    host: {
      host: member.name,
      packages: {
        names: packagesOf(resolved),
        // What is in an image is as it is.
        versions: place.container === undefined ? (cluster.spec.packages.versions ?? {}) : {},
        services: { [PATRONI.package]: [PATRONI.packagedUnit] },
        source: cluster.spec.postgresql.packageSource,
      },
      upgrades: { names: upgradedOf(resolved), isAutomatic: cluster.spec.packages.upgrade === "Automatic" },
      artifacts: dcs.artifacts,
      directories: [
        // Patroni renames PGDATA when a bootstrap fails, so its parent is postgres' too (F14).
        { path: mountPath, ...place.owner, mode: 0o755 },
        ...dcs.directories.map((directory): DesiredDirectory => ({ ...directory, ...place.owner })),
        { path: dataDirectoryOf(cluster), ...place.owner, mode: 0o700, keptBy: PATRONI.unit },
      ],
      files: [
        ...place.before,
        { path: place.service.unitFile, content: place.unit.content, ...ROOT_FILE },
        ...place.tool,
        {
          path: PATRONI.config,
          content: rendered.content,
          readOnce: { section: "bootstrap", unit: PATRONI.unit },
          ...place.owner,
          mode: 0o600,
          secret: true,
        },
        {
          path: PATRONI.startFile,
          content: startFile,
          owner: "root",
          group: "root",
          mode: 0o600,
          secret: true,
        },
      ],
      services: [service],
      masked: place.masked,
    },
  };
}

/** As the SQL fact computes it on the host; "" stands for no password there as here. */
function digestOf(verifier: string): string {
  return verifier === "" ? "" : sha256(verifier);
}
