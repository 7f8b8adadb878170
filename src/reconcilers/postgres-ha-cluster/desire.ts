import { PACKAGED_POSTGRESQL, PATRONI } from "../../desired/services.ts";
import { dataDirectoryOf, scopeOf } from "../../api/index.ts";
import type { MemberHost } from "../../api/index.ts";
import type { DesiredDirectory, DesiredHost, DesiredService } from "../../desired/host.ts";
import { stampOf } from "../../desired/notes.ts";
import type { DatabasesWish } from "../../plan/databases.ts";
import { neededOf } from "../../plan/needed.ts";
import type { Needed } from "../../plan/needed.ts";
import { hostPort } from "../../render/address.ts";
import { sha256 } from "../../render/digest.ts";
import { dynamicConfiguration } from "../../render/dynamic-configuration.ts";
import type { DynamicConfiguration } from "../../render/dynamic-configuration.ts";
import {
  createClusterConf,
  patroniDropIn,
  patronictlScript,
  patroniStartEnvironment,
  pythonPathOf,
} from "../../render/units.ts";
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
export function desireCluster(resolved: ResolvedCluster, names: ResolvedNames = new Map()): DesiredCluster {
  const { cluster, credentials } = resolved;
  const { hosts, patroni, postgresql, roles, databases } = cluster.spec;
  const dynamic = dynamicInput(resolved);
  const desired = dynamicConfiguration(dynamic);
  return {
    resolved,
    names,
    scope: scopeOf(cluster),
    members: hosts.map((host) => desireMember(resolved, host, { dynamic, names })),
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

function desireMember(resolved: ResolvedCluster, member: MemberHost, shared: SharedByMembers): DesiredMember {
  const { cluster, dcs } = resolved;
  const { pythonPath } = dcs;
  const rendered = patroniFile(resolved, member, shared);
  const { mountPath } = cluster.spec.postgresql.dataVolume;
  const dropIn = patroniDropIn({ mountPath, ...(pythonPath === undefined ? {} : { pythonPath }) });
  const startFile = patroniStartEnvironment(rendered.startDigest);
  const service: DesiredService = {
    of: PATRONI,
    loadedMark: rendered.digest,
    startedMark: dropIn.startedMark,
    startedFrom: Object.fromEntries([
      [PATRONI.unitFile, sha256(dropIn.content)],
      [PATRONI.startFile, sha256(startFile)],
      ...dcs.artifacts.map((artifact) => [stampOf(artifact.path), sha256(`${artifact.sha256}\n`)]),
    ]),
    environment: pythonPath === undefined ? [] : [pythonPathOf(pythonPath)],
  };
  return {
    name: member.name,
    address: member.address,
    volume: volumeWish(cluster.spec.postgresql, member),
    service,
    hba: rendered.hba,
    startDigest: rendered.startDigest,
    host: {
      host: member.name,
      packages: {
        names: packagesOf(resolved),
        versions: cluster.spec.packages.versions ?? {},
        services: { [PATRONI.package]: [PATRONI.packagedUnit] },
        source: cluster.spec.postgresql.packageSource,
      },
      upgrades: { names: upgradedOf(resolved), isAutomatic: cluster.spec.packages.upgrade === "Automatic" },
      artifacts: dcs.artifacts,
      directories: [
        // Patroni renames PGDATA when a bootstrap fails, so its parent is postgres' too (F14).
        ownedByPostgres(mountPath, 0o755),
        ...dcs.directories,
        { ...ownedByPostgres(dataDirectoryOf(cluster), 0o700), keptBy: PATRONI.unit },
      ],
      files: [
        { path: PATRONI.createCluster, content: createClusterConf(), ...ROOT_FILE, beforePackages: true },
        {
          path: PATRONI.unitFile,
          content: dropIn.content,
          ...ROOT_FILE,
        },
        ...(pythonPath === undefined
          ? []
          : [
              {
                path: PATRONI.tool,
                content: patronictlScript({ pythonPath }),
                ...ROOT_FILE,
                mode: 0o755,
                yields: true,
              },
            ]),
        {
          path: PATRONI.config,
          content: rendered.content,
          readOnce: { section: "bootstrap", unit: PATRONI.unit },
          owner: "postgres",
          group: "postgres",
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
      masked: [PACKAGED_POSTGRESQL],
    },
  };
}

const ROOT_FILE = { owner: "root", group: "root", mode: 0o644, secret: false } as const;

function ownedByPostgres(path: string, mode: number): DesiredDirectory {
  return { path, owner: "postgres", group: "postgres", mode };
}

/** As the SQL fact computes it on the host; "" stands for no password there as here. */
function digestOf(verifier: string): string {
  return verifier === "" ? "" : sha256(verifier);
}
