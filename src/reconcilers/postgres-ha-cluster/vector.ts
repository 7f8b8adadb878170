import type { Plan } from "../../plan/plan.ts";
import { wantsVector } from "./packages.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/** Releases whose own archive has no pgvector. */
const WITHOUT_VECTOR: readonly string[] = ["bookworm", "jammy"];

/** A release that cannot bring pgvector is refused before anything is touched. */
export function vectorBlockers(desired: DesiredCluster, looks: ClusterLooks): Plan["blockers"] {
  const { cluster, name } = desired.resolved;
  if (!wantsVector(cluster) || cluster.spec.postgresql.packageSource === "pgdg") return [];
  return [...looks.values()].flatMap((look): Plan["blockers"] =>
    look.seen && WITHOUT_VECTOR.includes(look.facts.system.codename)
      ? [
          {
            resource: name,
            host: look.host,
            scope: "everything",
            reason: "ExtensionUnavailable",
            why:
              `${look.facts.system.codename} has no pgvector package of its own, and a database declares ` +
              "the extension vector",
            wayOut:
              "Set spec.postgresql.packageSource to pgdg, use Debian 13 or Ubuntu 24.04, or take vector out " +
              "of spec.databases[].extensions.",
          },
        ]
      : [],
  );
}

/**
 * pgvector is there when a distance comes out right, on the leader and on every replica: a package may be missing on
 * one.
 */
export function vectorWaits(desired: DesiredCluster, looks: ClusterLooks): Plan["waits"] {
  const databases = desired.databases.databases
    .filter((database) => database.extensions.includes("vector"))
    .map((database) => database.name);
  return desired.members.flatMap((member): Plan["waits"] => {
    const look = looks.get(member.name);
    const seen = look?.seen === true ? look.facts.sql?.databases : undefined;
    const broken =
      seen
        ?.filter((database) => databases.includes(database.name) && database.vectorWorks === false)
        .map((database) => database.name) ?? [];
    return broken.length === 0
      ? []
      : [
          {
            resource: desired.resolved.name,
            host: member.name,
            reason: "VectorNotWorking",
            for: `a vector distance to come out right in ${broken.join(", ")} on ${member.name}`,
            holds: "settle",
            deadlineSeconds: 60,
            wayOut:
              `On ${member.name}: SELECT '[1,2]'::vector <-> '[3,4]' in that database, and whether the ` +
              "pgvector package there is the one the leader has.",
          },
        ];
  });
}
