import { INSIDE_FOLDER } from "../desired/container.ts";
import { raw, sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import type { ListenerFact } from "./types.ts";

/**
 * Every listening TCP socket with its process (ss(8)) and that process's unit (by its control group; of a container of
 * ours, the unit that runs it). ss looks at
 * processes first: a server that starts meanwhile has a socket and no process. So where one has none, ss looks once
 * more.
 */
export function listenersFact(): Fact<readonly ListenerFact[]> {
  return { command, parse };
}

const command = sh`
list() { ss --no-header --listening --tcp --numeric --processes; }
s=$(list) || exit 1
set -f
IFS='
'
for line in $s; do case $line in *users:*) ;; *) s=$(list) || exit 1; break ;; esac; done
unset IFS
printf '%s\n\n' "$s"
set -- /dev/null
while :; do
  case $s in *pid=[0-9]*) s=\${s#*pid=}; set -- "$@" "/proc/\${s%%[!0-9]*}/cgroup" ;; *) break ;; esac
done
set +f
for f in ${raw(INSIDE_FOLDER)}/*; do
  if [ -r "$f" ] && read -r p l <"$f"; then
    printf 'inside %s %s\n' "\${f##*/}" "$p"
    set -- "$@" "/proc/$p/cgroup"
  fi
done
grep -e '^0::' -e ':name=systemd:' -- "$@"
true`;

function parse({ exitCode, stdout }: FactOutput): readonly ListenerFact[] {
  if (exitCode !== 0) {
    throw new Error(exitCode === 124 ? "ss does not answer" : "ss (iproute2) is missing on the host");
  }
  const [sockets = "", groups = ""] = stdout.split("\n\n", 2);
  const unitOf = units(groups);
  return sockets.split("\n").flatMap((line) => {
    const local = line.trim().split(/\s+/)[3];
    const place = local === undefined ? undefined : /^(?<address>.*):(?<port>[0-9]+)$/.exec(local)?.groups;
    if (place === undefined) {
      return [];
    }
    const owner = /\(\("(?<program>.*?)",pid=(?<pid>[0-9]+),/.exec(line)?.groups;
    const pid = Number(owner?.["pid"] ?? 0);
    return [
      {
        address: bare(place["address"] ?? ""),
        port: Number(place["port"]),
        program: owner?.["program"] ?? "",
        pid,
        unit: unitOf.get(pid) ?? "",
      },
    ];
  });
}

/** Address without brackets and interface; `*` (both families at once) is told as `::`. */
function bare(address: string): string {
  const plain = address.replace(/%[^\]]*/, "").replace(/^\[(.*)\]$/, "$1");
  return plain === "*" ? "::" : plain;
}

/**
 * The last part of a control group's path that names a service or scope: containers nest them. All that is in the
 * control group of a container's first process is in that container.
 */
function units(groups: string): ReadonlyMap<number, string> {
  const lines = groups.split("\n");
  const groupsOf = lines.flatMap((line) => {
    const [, pid, path] = /^\/proc\/([0-9]+)\/cgroup:[0-9]+:(?:name=systemd)?:(.*)$/.exec(line) ?? [];
    return pid === undefined || path === undefined ? [] : [{ pid: Number(pid), path }];
  });
  const containers = new Map(
    lines.flatMap((line): readonly (readonly [string, string])[] => {
      const [, unit, pid] = /^inside (\S+) ([0-9]+)$/.exec(line) ?? [];
      // Of several hierarchies the one that tells containers apart.
      const paths = groupsOf.flatMap((group) => (group.pid === Number(pid) ? [group.path] : []));
      const path = paths.toSorted((left, right) => right.length - left.length)[0];
      return unit === undefined || path === undefined || path === "/" ? [] : [[path, unit]];
    }),
  );
  return new Map(
    groupsOf.flatMap(({ pid, path }): readonly (readonly [number, string])[] => {
      const unit =
        containers.get(path) ??
        path.split("/").findLast((part) => part.endsWith(".service") || part.endsWith(".scope"));
      return unit === undefined ? [] : [[pid, unit]];
    }),
  );
}
