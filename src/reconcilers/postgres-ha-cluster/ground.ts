import { dataDirectoryOf } from "../../api/index.ts";
import { serverIn } from "../../desired/container.ts";
import type { ImageInside } from "../../desired/container.ts";
import { shortId } from "../../desired/image.ts";
import { PATRONI, PATRONI_INSIDE } from "../../desired/services.ts";
import { HostFindings, mergeFindings, NO_FINDINGS } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import type { Blocker, Plan, Step, Warning } from "../../plan/plan.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import { list } from "../../text/words.ts";
import { groundFindings, groundOf } from "../container.ts";
import type { Ground, MovableGround, MovableGrounds } from "../container.ts";
import { mayBeGiven } from "./data-owner.ts";
import type { DesiredCluster } from "./desire.ts";
import { placeInWords } from "./moves.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** What is known of it out of these looks. */
export function groundsOf(resolved: ResolvedCluster, looks: ClusterLooks): MovableGrounds {
  return new Map(
    resolved.cluster.spec.hosts.flatMap(({ name }) => {
      const look = looks.get(name);
      const ground = look?.seen === true ? memberGround(resolved, look.facts) : undefined;
      return ground === undefined ? [] : [[name, ground] as const];
    }),
  );
}

function memberGround(resolved: ResolvedCluster, facts: ClusterFacts): MovableGround | undefined {
  const wanted = wantedOn(resolved, facts);
  const former = formerOn(resolved, facts);
  if (former !== undefined) return { on: former, to: wanted ?? "not known" };
  return wanted === undefined ? undefined : { on: wanted };
}

/** Where it is still, by what its unit is made of. */
function formerOn({ ground: wanted, cluster }: ResolvedCluster, facts: ClusterFacts): Ground | undefined {
  if (wanted !== "host") return facts.paths[PATRONI.unitFile]?.kind === "file" ? "host" : undefined;
  if (facts.former === undefined) return undefined;
  const { image, uid, gid, bin } = facts.former;
  const { version } = cluster.spec.postgresql;
  return {
    image,
    inside: { uid, gid, version: "", ...(bin === undefined ? {} : { servers: [{ version: String(version), bin }] }) },
  };
}

function wantedOn({ ground: wanted, cluster }: ResolvedCluster, facts: ClusterFacts): Ground | undefined {
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
        desired.members.some(({ name, move }) => name === look.host && move !== undefined)
          ? NO_FINDINGS
          : otherUser(about, resolved, look.facts),
      ];
    }),
  );
}

/** Which members run from which image, or on the host itself, where that is not the same. */
export function imageSkew({ resolved, members }: DesiredCluster, looks: ClusterLooks): readonly Warning[] {
  const running = members.flatMap(({ name }) => {
    const look = looks.get(name);
    const unit = look?.seen === true ? look.facts.units[PATRONI.unit] : undefined;
    return unit?.activeState === "active" ? [{ name, image: unit.image ?? "" }] : [];
  });
  const images = Map.groupBy(running, ({ image }) => image);
  if (images.size < 2) return [];
  const isMoving = images.has("");
  const each = [...images].map(([image, same]) => {
    const names = list(same.map(({ name }) => name));
    if (image === "") return `${names} on ${placeInWords("host")}`;
    return `${names} ${isMoving ? "in containers of the image" : "from"} ${shortId(image)}`;
  });
  return [
    {
      resource: resolved.name,
      reason: "VersionSkew",
      message: `members run ${isMoving ? "in different places" : "from different images"}: ${each.join(", ")}`,
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
  if (own !== theirs && !mayBeGiven(resolved, facts))
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
export function typedInside({ resolved, members }: DesiredCluster, plan: Plan): Plan {
  const isInside = (host: string | undefined): boolean =>
    (members.find(({ name }) => name === host)?.ground ?? resolved.ground) !== "host";
  return {
    ...plan,
    blockers: plan.blockers.map((one) => (isInside(one.host) ? { ...one, wayOut: insteadOf(one.wayOut) } : one)),
    warnings: plan.warnings.map((one) => (isInside(one.host) ? { ...one, message: insteadOf(one.message) } : one)),
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
