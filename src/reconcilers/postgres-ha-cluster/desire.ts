import { createHash } from "node:crypto";
import { dataDirectoryOf, scopeOf } from "../../api/index.ts";
import type { MemberHost } from "../../api/index.ts";
import type { DesiredDirectory, DesiredHost } from "../../desired/host.ts";
import type { DatabasesWish } from "../../plan/databases.ts";
import { neededOf } from "../../plan/needed.ts";
import type { Needed } from "../../plan/needed.ts";
import { hostPort } from "../../render/address.ts";
import { dynamicConfiguration } from "../../render/dynamic-configuration.ts";
import type { DynamicConfiguration, DynamicConfigurationInput } from "../../render/dynamic-configuration.ts";
import { renderPatroniYml } from "../../render/patroni-yml.ts";
import {
  createClusterConf,
  patroniDropIn,
  patronictlScript,
  patroniStartEnvironment,
  pythonPathOf,
  UNIT_PATHS,
} from "../../render/units.ts";
import { hostsInUse } from "../left-hosts.ts";
import { DISTRIBUTION_UNIT, PATRONI_CONFIG, PATRONI_UNIT, raftDirectoryOf } from "./layout.ts";
import { packagesOf } from "./packages.ts";
import type { ResolvedCluster } from "./resolve.ts";

export interface DesiredMember {
  readonly name: string;
  readonly address: string;
  readonly host: DesiredHost;
  readonly hba: readonly string[];
  /** What GET /patroni shows under tags.pgha_config once that is loaded, and what Patroni's process has that started with it. */
  readonly configDigest: string;
  readonly startDigest: string;
}

export interface DesiredCluster {
  readonly resolved: ResolvedCluster;
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

/** What the cluster's hosts and databases should look like. Pure: nothing here knows what is there. */
export function desireCluster(resolved: ResolvedCluster): DesiredCluster {
  const { cluster, credentials } = resolved;
  const { hosts, patroni, postgresql, roles, databases } = cluster.spec;
  const dynamic = dynamicInput(resolved);
  const desired = dynamicConfiguration(dynamic);
  return {
    resolved,
    scope: scopeOf(cluster),
    members: hosts.map((host) => desireMember(resolved, host, dynamic)),
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

function desireMember(
  resolved: ResolvedCluster,
  member: MemberHost,
  dynamic: DynamicConfigurationInput,
): DesiredMember {
  const { cluster, pysyncobj } = resolved;
  const rendered = renderPatroni(resolved, member, dynamic);
  const { mountPath } = cluster.spec.postgresql.dataVolume;
  const pythonPath = pysyncobj === undefined ? {} : { pythonPath: pysyncobj.path };
  const dropIn = patroniDropIn({ mountPath, ...pythonPath });
  return {
    name: member.name,
    address: member.address,
    configDigest: rendered.digest,
    hba: rendered.hba,
    startDigest: rendered.startDigest,
    host: {
      host: member.name,
      packages: {
        names: packagesOf(resolved),
        services: { patroni: [PATRONI_UNIT] },
        source: cluster.spec.postgresql.packageSource,
      },
      artifacts: pysyncobj === undefined ? [] : [pysyncobj],
      directories: [
        // Patroni renames PGDATA when a bootstrap fails, so its parent is postgres' too (F14).
        ownedByPostgres(mountPath, 0o755),
        ownedByPostgres(raftDirectoryOf(cluster), 0o700),
        { ...ownedByPostgres(dataDirectoryOf(cluster), 0o700), keptBy: PATRONI_UNIT },
      ],
      files: [
        { path: UNIT_PATHS.createCluster, content: createClusterConf(), ...ROOT_FILE, beforePackages: true },
        {
          path: UNIT_PATHS.patroniDropIn,
          content: dropIn.content,
          ...ROOT_FILE,
        },
        ...(pysyncobj === undefined
          ? []
          : [
              {
                path: UNIT_PATHS.patronictl,
                content: patronictlScript({ pythonPath: pysyncobj.path }),
                ...ROOT_FILE,
                mode: 0o755,
                yields: true,
              },
            ]),
        {
          path: PATRONI_CONFIG,
          content: rendered.content,
          owner: "postgres",
          group: "postgres",
          mode: 0o600,
          secret: true,
        },
        {
          path: UNIT_PATHS.patroniStart,
          content: patroniStartEnvironment(rendered.startDigest),
          owner: "root",
          group: "root",
          mode: 0o600,
          secret: true,
        },
      ],
      units: [
        { name: DISTRIBUTION_UNIT, state: "masked", title: "the distribution's PostgreSQL" },
        {
          name: PATRONI_UNIT,
          state: "running",
          title: "Patroni",
          service: {
            file: UNIT_PATHS.patroniDropIn,
            startedMark: dropIn.startedMark,
            environment: pysyncobj === undefined ? [] : [pythonPathOf(pysyncobj.path)],
          },
        },
      ],
    },
  };
}

const ROOT_FILE = { owner: "root", group: "root", mode: 0o644, secret: false } as const;

function ownedByPostgres(path: string, mode: number): DesiredDirectory {
  return { path, owner: "postgres", group: "postgres", mode };
}

function renderPatroni(
  resolved: ResolvedCluster,
  member: MemberHost,
  dynamic: DynamicConfigurationInput,
): ReturnType<typeof renderPatroniYml> {
  const { cluster, credentials, proxyAddresses } = resolved;
  const { patroni, postgresql } = cluster.spec;
  return renderPatroniYml({
    scope: scopeOf(cluster),
    member: { name: member.name, address: member.address },
    members: withSelf(member, hostsInUse(cluster, resolved.recorded)),
    failoverPriority: member.failoverPriority,
    restApi: {
      port: patroni.restApi.port,
      username: credentials.restApi.username,
      password: credentials.restApi.password.reveal(),
    },
    raft: {
      port: patroni.dcs.raft.port,
      dataDirectory: raftDirectoryOf(cluster),
      password: credentials.raft.password.reveal(),
    },
    postgresql: {
      majorVersion: postgresql.version,
      port: postgresql.port,
      dataDirectory: dataDirectoryOf(cluster),
      dataChecksums: postgresql.dataChecksums,
      encoding: postgresql.encoding,
      locale: postgresql.locale,
    },
    users: {
      superuser: credentials.superuser.username,
      replication: credentials.replication.username,
      rewind: credentials.rewind.username,
    },
    passwords: {
      superuser: credentials.superuser.password.reveal(),
      replication: credentials.replication.password.reveal(),
      rewind: credentials.rewind.password.reveal(),
    },
    poolAddresses: proxyAddresses,
    clientNetworks: postgresql.clientNetworks,
    additionalHba: postgresql.additionalHba,
    dynamic,
  });
}

/** A host whose address moved is refused; its file says what it would be all the same. */
function withSelf(
  { name, address }: MemberHost,
  members: ReturnType<typeof hostsInUse>,
): readonly { readonly name: string; readonly address: string }[] {
  return members.some((member) => member.name === name && member.address === address)
    ? members
    : [...members, { name, address }];
}

function dynamicInput({ cluster }: ResolvedCluster): DynamicConfigurationInput {
  const { patroni, postgresql, databases } = cluster.spec;
  return {
    ttl: patroni.ttl,
    loopWait: patroni.loopWait,
    retryTimeout: patroni.retryTimeout,
    maximumLagOnFailoverBytes: patroni.maximumLagOnFailoverBytes,
    primaryStartTimeout: patroni.primaryStartTimeout,
    synchronousMode: patroni.synchronousMode === "enabled",
    parameters: postgresql.parameters,
    extensions: [...new Set(databases.flatMap((database) => database.extensions))],
  };
}

/** As the SQL fact computes it on the host; "" stands for no password there as here. */
function digestOf(verifier: string): string {
  return verifier === "" ? "" : createHash("sha256").update(verifier).digest("hex");
}
