import { dataDirectoryOf } from "../../api/index.ts";
import type { ServiceResource } from "../../api/index.ts";
import { HostKeyError, HostUnreachableError } from "../../errors.ts";
import { dataDirectoryFact } from "../../facts/data-directory.ts";
import type { Answers } from "../../facts/fact.ts";
import { lookAt } from "../../facts/look.ts";
import { packagesFact } from "../../facts/packages.ts";
import { identityQuestions, volumeOf } from "../../reconcilers/identity.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import type { World } from "../../reconcilers/world.ts";
import { sh } from "../../shell/command.ts";

/** What a machine is asked before it is believed: nothing that holds a secret, since it may be an impostor. */
function questionsAbout(resources: readonly ServiceResource[]) {
  const [cluster] = resources.filter((resource) => resource.kind === "PostgresHACluster");
  return {
    ...identityQuestions(resources),
    packages: packagesFact([...new Set(resources.flatMap(packagesOf))]),
    data: dataDirectoryFact({
      path: cluster === undefined ? "/nonexistent" : dataDirectoryOf(cluster),
      version: cluster?.spec.postgresql.version ?? 17,
    }),
  };
}

export type Machine = Answers<ReturnType<typeof questionsAbout>>;

/** The host key that a host shows, where it is not the known one; undefined while it is. */
export async function strangeKey(target: HostTarget, world: World): Promise<string | undefined> {
  try {
    await world.shellFor(target).run(sh`true`, { deadlineMs: 10_000 });
    return undefined;
  } catch (error) {
    if (error instanceof HostKeyError && error.host === target.name && error.seenKey !== undefined)
      return error.seenKey;
    throw error;
  }
}

/** Looks at the machine behind a key. Throws HostUnreachableError when it cannot be asked. */
export async function machineBehind(
  target: HostTarget,
  hostKey: string | undefined,
  resources: readonly ServiceResource[],
  world: World,
): Promise<Machine> {
  const shell = world.shellFor(hostKey === undefined ? target : { ...target, hostKey });
  const look = await lookAt(shell, questionsAbout(resources));
  if (look.seen) return look.facts;
  throw new HostUnreachableError(look.host, look.message, {
    reason: look.reason,
    ...(look.wayOut === undefined ? {} : { wayOut: look.wayOut }),
  });
}

/** What should be on the machine by its resources and is not, in words. */
export function lostBy(machine: Machine, resources: readonly ServiceResource[]): readonly string[] {
  const missing = Object.entries(machine.packages).flatMap(([name, version]) => (version === undefined ? [name] : []));
  const volume = volumeOf(resources);
  const isMember = resources.some((resource) => resource.kind === "PostgresHACluster");
  return [
    ...(missing.length === 0 ? [] : [`packages ${missing.join(", ")}: pgha apply installs them again`]),
    ...(volume === undefined || machine.mount.mounted
      ? []
      : [`nothing is mounted at ${volume}: mount its volume first`]),
    ...(!isMember || machine.data.class === "valid"
      ? []
      : [`its data (the data directory is ${machine.data.class}): it copies them from the leader, if there is one`]),
  ];
}

function packagesOf({ kind, spec }: ServiceResource): readonly string[] {
  switch (kind) {
    case "PostgresHACluster":
      return [`postgresql-${spec.postgresql.version}`, "patroni"];
    case "HAProxyPool":
      return ["haproxy"];
    case "PgBouncerPool":
      return ["pgbouncer"];
  }
}
