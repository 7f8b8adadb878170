import { itemsOf } from "../parameters/text.ts";
import { KNOWN_PREFIXES, libraryOf, WANTS_PRELOADING } from "../parameters/prefixes.ts";
import { settingsOf } from "../parameters/setting.ts";
import type { PostgresHACluster } from "../kinds.ts";
import { closest } from "../suggest.ts";
import { problem, warning, type Finding } from "./finding.ts";

/**
 * A name in two parts, whose first says which extension it is of. PostgreSQL takes any, and an extension that is loaded
 * later drops what it does not know.
 */
export function* extensionSetting(cluster: PostgresHACluster, path: string, name: string): Iterable<Finding> {
  const [prefix = ""] = name.split(".");
  const settings = [...(settingsOf(cluster.spec.postgresql.version)?.keys() ?? [])];
  const described = settings.filter((known) => known.startsWith(`${prefix}.`));
  if (described.length > 0) {
    if (!described.includes(name)) {
      const meant = closest(name, described);
      yield problem(
        cluster,
        path,
        `${prefix} has no such setting`,
        meant === undefined ? `it has ${described.join(", ")}` : `did you mean ${meant}?`,
      );
      return;
    }
  } else if (!KNOWN_PREFIXES.includes(prefix) && !isAtHand(cluster, prefix)) {
    const prefixes = [
      ...new Set(settings.flatMap((known) => (known.includes(".") ? [known.split(".")[0] ?? ""] : []))),
    ];
    const meant = closest(prefix, [...prefixes, ...KNOWN_PREFIXES, ...atHand(cluster)]);
    if (meant !== undefined)
      yield problem(cluster, path, `no extension's settings start with ${prefix}`, `did you mean ${meant}?`);
    else
      yield warning(
        cluster,
        path,
        "is of no extension that is declared or preloaded, so nothing but applications will read it",
        "leave it so if they do",
      );
    return;
  }
  if (WANTS_PRELOADING.has(prefix) && !isAtHand(cluster, prefix)) {
    yield warning(
      cluster,
      path,
      `does nothing: ${libraryOf(prefix)} is not preloaded`,
      `add ${libraryOf(prefix)} to shared_preload_libraries`,
    );
  }
}

function isAtHand(cluster: PostgresHACluster, prefix: string): boolean {
  return atHand(cluster).some((name) => name === libraryOf(prefix) || name === `pg_${prefix}`);
}

/** Libraries that are preloaded, and extensions that a database declares. */
function atHand(cluster: PostgresHACluster): readonly string[] {
  const { parameters } = cluster.spec.postgresql;
  return [
    ...["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries"].flatMap((name) =>
      itemsOf(String(parameters[name] ?? "")).map((item) => item.replace(/^.*\//, "")),
    ),
    ...cluster.spec.databases.flatMap((database) => database.extensions),
  ];
}
