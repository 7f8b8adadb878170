import { dataDirectoryOf, patroniTimingOf, scopeOf } from "../../api/index.ts";
import type { MemberHost } from "../../api/index.ts";
import { serverIn } from "../../desired/container.ts";
import type { DesiredContainer } from "../../desired/container.ts";
import { PATRONI_INSIDE } from "../../desired/services.ts";
import type { DynamicConfigurationInput } from "../../render/dynamic-configuration.ts";
import { renderPatroniYml } from "../../render/patroni-yml.ts";
import { hostsInUse } from "../left-hosts.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** By name of a host, the addresses that stand for it in pg_hba.conf. */
export type ResolvedNames = ReadonlyMap<string, readonly string[]>;

/** What the files of all members have in common. */
export interface SharedByMembers {
  readonly dynamic: DynamicConfigurationInput;
  readonly names: ResolvedNames;
}

/** patroni.yml of a member. */
export function patroniFile(
  resolved: ResolvedCluster,
  member: MemberHost,
  { dynamic, names }: SharedByMembers,
  container?: DesiredContainer,
): ReturnType<typeof renderPatroniYml> {
  const { cluster, credentials, dcs, proxyAddresses } = resolved;
  const { patroni, postgresql } = cluster.spec;
  const members = withSelf(member, hostsInUse(cluster, resolved.recorded));
  return renderPatroniYml({
    scope: scopeOf(cluster),
    member: { name: member.name, address: member.address },
    members,
    failoverPriority: member.failoverPriority,
    restApi: {
      port: patroni.restApi.port,
      username: credentials.restApi.username,
      password: credentials.restApi.password.reveal(),
    },
    dcs: dcs.section(
      member.address,
      members.filter(({ name }) => name !== member.name).map(({ address }) => address),
    ),
    postgresql: {
      majorVersion: postgresql.version,
      port: postgresql.port,
      dataDirectory: dataDirectoryOf(cluster),
      dataChecksums: postgresql.dataChecksums,
      encoding: postgresql.encoding,
      locale: postgresql.locale,
      ...(container === undefined ? {} : placesIn(container, postgresql.version)),
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
    addresses: names,
    clientNetworks: postgresql.clientNetworks,
    additionalHba: postgresql.additionalHba,
    dynamic,
  });
}

/** What is another way in a container, where nothing else can be written to. */
function placesIn(
  { inside }: DesiredContainer,
  major: number,
): { readonly bin?: string; readonly passwordFile: string } {
  const bin = serverIn(inside, major)?.bin;
  return {
    ...(bin === undefined ? {} : { bin }),
    passwordFile: `${PATRONI_INSIDE.socketDirectory}/.pgpass_patroni`,
  };
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

/** What the dynamic configuration is made of. */
export function dynamicInput({ cluster }: ResolvedCluster): DynamicConfigurationInput {
  const { patroni, postgresql, databases } = cluster.spec;
  return {
    ...patroniTimingOf(cluster),
    maximumLagOnFailoverBytes: patroni.maximumLagOnFailoverBytes,
    primaryStartTimeout: patroni.primaryStartTimeout,
    synchronousMode: patroni.synchronousMode === "enabled",
    parameters: postgresql.parameters,
    extensions: [...new Set(databases.flatMap((database) => database.extensions))],
  };
}
