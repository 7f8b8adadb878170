import type { ServiceResource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { problem, type Finding } from "./finding.ts";

/** A version of a package that is not looked after would be declared and never had. */
export function* packageRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  for (const resource of resources) {
    const names = Object.keys(resource.spec.packages.versions ?? {});
    if (names.length === 0) continue;
    const path = "spec.packages.versions";
    const { container } = resource.spec;
    if (container !== undefined && container.image.build === undefined) {
      yield problem(
        resource,
        path,
        "in a container there are no packages of the host's",
        "leave it out: spec.container.image says which versions there are; only of one that is built they can be named",
      );
      continue;
    }
    const known = packagesOf(resource);
    for (const name of names.filter((each) => !known.includes(each))) {
      const meant = closest(name, known);
      yield problem(
        resource,
        `${path}.${name}`,
        `${shown(name)} is none of the packages that are looked after here` +
          (meant === undefined ? "" : `; is ${meant} meant?`),
        `name one of ${known.join(", ")}`,
      );
    }
  }
}

function packagesOf(resource: ServiceResource): readonly string[] {
  if (resource.kind === "HAProxyPool") return ["haproxy"];
  if (resource.kind === "PgBouncerPool") return ["pgbouncer"];
  const { version } = resource.spec.postgresql;
  return ["patroni", `postgresql-${version}`, `postgresql-${version}-pgvector`];
}
