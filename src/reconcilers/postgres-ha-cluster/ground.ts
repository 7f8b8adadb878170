import type { ImageInside } from "../../desired/container.ts";
import { serverIn } from "../../desired/container.ts";
import { HostFindings, mergeFindings } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import type { Blocker, Step } from "../../plan/plan.ts";
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
      ];
    }),
  );
}

function otherMajor(
  { resource, host, scope }: { readonly resource: string; readonly host: string; readonly scope: Blocker["scope"] },
  inside: ImageInside | undefined,
  version: number,
): Findings {
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

/** Where it is not known what is in the image, nobody can say what its host should look like. */
export function withoutUnknown({ members }: DesiredCluster, steps: readonly Step[]): readonly Step[] {
  const unknown = members.filter(({ ground }) => ground === "not known").map(({ name }) => name);
  return unknown.length === 0 ? steps : steps.filter(({ host }) => host === undefined || !unknown.includes(host));
}
