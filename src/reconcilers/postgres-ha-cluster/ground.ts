import { dataDirectoryOf } from "../../api/index.ts";
import { serverIn } from "../../desired/container.ts";
import type { ImageInside } from "../../desired/container.ts";
import { shortId } from "../../desired/image.ts";
import { PATRONI, PATRONI_INSIDE } from "../../desired/services.ts";
import { HostFindings, mergeFindings } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import type { Blocker, Plan, Step, Warning } from "../../plan/plan.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import { list } from "../../text/words.ts";
import { groundFindings, groundOf } from "../container.ts";
import type { Ground, Grounds } from "../container.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** What is known of it out of these looks. */
export function groundsOf(resolved: ResolvedCluster, looks: ClusterLooks): Grounds {
  return new Map(
    resolved.cluster.spec.hosts.flatMap(({ name }) => {
      const look = looks.get(name);
      const ground = look?.seen === true ? memberGround(resolved, look.facts) : undefined;
      return ground === undefined ? [] : [[name, ground] as const];
    }),
  );
}

function memberGround({ ground: wanted, cluster }: ResolvedCluster, facts: ClusterFacts): Ground | undefined {
  const ground = groundOf(wanted, facts);
  if (ground === undefined || ground === "host") return ground;
  return serverIn(ground.inside, cluster.spec.postgresql.version) === undefined ? undefined : ground;
}

/** What stands in the way of members in containers, host by host. */
export function planGrounds(desired: DesiredCluster, looks: ClusterLooks, scope: Blocker["scope"]): Findings {
  const { resolved } = desired;
  const resource = resolved.name;
  return mergeFindings(
    [...looks.values()].flatMap((look): readonly Findings[] => {
      if (!look.seen) return [];
      const about = { resource, host: look.host, scope };
      return [
        groundFindings(resolved.ground, about, look.facts),
        otherMajor(about, look.facts.image?.inside, resolved.cluster.spec.postgresql.version),
        otherUser(about, resolved, look.facts),
      ];
    }),
  );
}

/** Which members run from which image, where that is not the same one. */
export function imageSkew({ resolved, members }: DesiredCluster, looks: ClusterLooks): readonly Warning[] {
  const running = members.flatMap(({ name }) => {
    const look = looks.get(name);
    const image = look?.seen === true ? look.facts.units[PATRONI.unit]?.image : undefined;
    return image === undefined ? [] : [{ name, image }];
  });
  const images = Map.groupBy(running, ({ image }) => image);
  if (images.size < 2) return [];
  const each = [...images].map(([image, same]) => `${list(same.map(({ name }) => name))} from ${shortId(image)}`);
  return [
    {
      resource: resolved.name,
      reason: "VersionSkew",
      message: `members run from different images: ${each.join(", ")}`,
    },
  ];
}

interface About {
  readonly resource: string;
  readonly host: string;
  readonly scope: Blocker["scope"];
}

/** PostgreSQL reads no data of another user's, and whoever gave it the directory alone would only hide that. */
function otherUser({ resource, host, scope }: About, resolved: ResolvedCluster, facts: ClusterFacts): Findings {
  const found = new HostFindings(resource, host, scope);
  const { postgresql } = resolved.cluster.spec;
  const directory = dataDirectoryOf(resolved.cluster);
  const path = facts.paths[directory];
  const inside = facts.image?.inside;
  if (inside === undefined || path?.kind !== "directory" || facts.dataDirectory.class !== "valid") return found;
  const [own, theirs] = [String(inside.uid), String(path.uid ?? path.owner)];
  if (own !== theirs)
    found.block(
      "DataOfOtherUser",
      `the data in ${directory} belong to ${path.owner} (${theirs}), and PostgreSQL runs as ${own} in its image`,
      `If it is to run on them, with nothing running there, on ${host} as root: ` +
        `chown -R ${own}:${inside.gid} ${postgresql.dataVolume.mountPath}`,
    );
  return found;
}

function otherMajor({ resource, host, scope }: About, inside: ImageInside | undefined, version: number): Findings {
  const found = new HostFindings(resource, host, scope);
  if (inside !== undefined && serverIn(inside, version) === undefined) {
    const has = (inside.servers ?? []).map((server) => server.version).join(" and ");
    found.block(
      "ImageUnfit",
      `the image has ${has === "" ? "no PostgreSQL" : `PostgreSQL ${has}`}, and spec.postgresql.version is ${version}`,
      `Name an image with PostgreSQL ${version}; docs/containers.md says where it is looked for.`,
    );
  }
  return found;
}

/**
 * Where it is not known what is in the image, nobody can say what its host should look like. While it is on its way, no
 * more is planned there than the restarts that it will bring.
 */
export function withoutUnknown(
  { members }: DesiredCluster,
  { members: seen }: RestartSeen,
  steps: readonly Step[],
): readonly Step[] {
  const unknown = members.filter(({ ground }) => ground === "not known").map(({ name }) => name);
  const coming = seen.filter(({ isToCome }) => isToCome === true).map(({ name }) => name);
  const isKept = ({ host, change }: Step): boolean =>
    host === undefined ||
    !unknown.includes(host) ||
    (coming.includes(host) && (change.kind === "restart-member" || (change.kind === "switch-over" && change.restarts)));
  return unknown.length === 0 ? steps : steps.filter(isKept);
}

/**
 * What people are told to type on a member, as it is typed where Patroni and PostgreSQL run in a container: there is no
 * user and no program of theirs on the host.
 */
export function typedInside({ resolved }: DesiredCluster, plan: Plan): Plan {
  if (resolved.ground === "host") return plan;
  return {
    ...plan,
    blockers: plan.blockers.map((blocker) => ({ ...blocker, wayOut: insteadOf(blocker.wayOut) })),
    warnings: plan.warnings.map((warning) => ({ ...warning, message: insteadOf(warning.message) })),
  };
}

function insteadOf(text: string): string {
  const { container, socketDirectory } = PATRONI_INSIDE;
  return text
    .replaceAll(
      /(?:setpriv --reuid postgres --regid postgres --init-groups|runuser -u postgres) -- psql\b/g,
      `docker exec ${container.name} psql -h ${socketDirectory} -U postgres`,
    )
    .replaceAll(/(?:PYTHONPATH=\S+ )?python3 -c\b/g, `docker exec ${container.name} python3 -c`);
}
