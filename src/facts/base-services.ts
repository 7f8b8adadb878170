import type { BaseService } from "../desired/base-services.ts";
import { TOLD_FOLDER } from "../desired/base-services.ts";
import { UNIT_FOLDER } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** How a service of the distribution's stands on a host. */
export interface BaseServiceFact {
  readonly isThere: boolean;
  readonly isActive: boolean;
  /** Comes up with the host. */
  readonly isEnabled: boolean;
  /** Somebody does not want it at all. */
  readonly isMasked: boolean;
  /** Revision that pgha's file had when the service was last told to read it; undefined where it never was. */
  readonly told: string | undefined;
}

/** By unit. Asked of the file system alone: no process more, and nobody's bus. */
export function baseServicesFact(services: readonly BaseService[]): Fact<Readonly<Record<string, BaseServiceFact>>> {
  const units = services.map(({ unit }) => unit);
  if (units.length === 0) return { command: sh`true`, parse: () => ({}) };
  return {
    command: sh`
for u in ${units}; do
  w=
  for f in ${UNIT_FOLDER}/"$u" /usr/lib/systemd/system/"$u" /lib/systemd/system/"$u"; do
    if [ -e "$f" ]; then w="$w there"; fi
  done
  if [ ${UNIT_FOLDER}/"$u" -ef /dev/null ]; then w="$w masked"; fi
  for f in ${UNIT_FOLDER}/*.wants/"$u" /usr/lib/systemd/system/*.wants/"$u"; do
    if [ -e "$f" ]; then w="$w enabled"; fi
  done
  for d in /sys/fs/cgroup/system.slice /sys/fs/cgroup/systemd/system.slice; do
    if [ -e "$d/$u" ]; then w="$w active"; fi
  done
  f=${TOLD_FOLDER}/$u; if [ -r "$f" ] && read -r t <"$f"; then w="$w told=$t"; fi
  echo "service $u$w"
done`,
    parse: (output) => parse(output, units),
  };
}

function parse({ exitCode, stdout }: FactOutput, units: readonly string[]): Readonly<Record<string, BaseServiceFact>> {
  const lines = stdout.split("\n").filter((line) => line.startsWith("service "));
  if (exitCode === 124 || lines.length < units.length) throw new Error("the host did not say what services it has");
  return Object.fromEntries(
    units.map((unit): [string, BaseServiceFact] => {
      const words = lines.map((line) => line.split(" ")).find(([, name]) => name === unit) ?? [];
      return [
        unit,
        {
          isThere: words.includes("there"),
          isActive: words.includes("active"),
          isEnabled: words.includes("enabled"),
          isMasked: words.includes("masked"),
          told: words.find((word) => word.startsWith("told="))?.slice("told=".length),
        },
      ];
    }),
  );
}
