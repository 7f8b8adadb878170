import type { ImageInside } from "../desired/container.ts";
import type { ContainerNames } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { askImage, untilLookEnds } from "./ask-image.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** An image on a host, as far as a service needs it. */
export interface ImageFact {
  /** Whether Docker answers. */
  readonly engine: boolean;
  /** Whether the image is there; undefined where Docker does not answer. */
  readonly present?: boolean;
  /** Its content id, by whatever name it was asked for; undefined where that was never heard. */
  readonly id?: string;
  readonly inside?: ImageInside;
  /** Why it is not known what is inside, in the words of who was asked. */
  readonly fault?: string;
  /** It was asked, and has not said yet. */
  readonly isPending?: true;
}

/**
 * Whether Docker has an image by its id, from its socket: its own client takes ten times as long. What is inside is
 * asked of a shell in there, once for each image and boot, since what has this id never changes.
 */
export function imageFact(image: string, { program, users }: ContainerNames): Fact<ImageFact> {
  return {
    command: sh`
${untilLookEnds}
s=$(perl -e ${ASK} -- /run/docker.sock ${`/images/${image}/json`}) || s=
i=\${s#* }; s=\${s%% *}
printf 'engine %s\nid %s\n' "\${s:-none}" "$i"
${askImage(image, { name: program, script: INSIDE, last: "version ", words: [program, ...users] }, sh`[ "$s" = 200 ]`)}
${keepsId(image)}if [ -s "$f" ]; then cat "$f"
elif [ -s "$f.fault" ]; then sed 's/^/fault /' "$f.fault"
elif [ "$s" = 200 ]; then echo pending; fi`,
    parse: (output) => parse(image, output),
  };
}

/** Where a name was asked for, what it means is remembered for when Docker is away. */
function keepsId(image: string): Command {
  if (image.startsWith("sha256:")) return sh``;
  return sh`case $i in sha256:*) [ ! -s "$f" ] || echo "id $i" >"$f.id" ;; *) ! [ -s "$f.id" ] || cat "$f.id" ;; esac
`;
}

/** The status of a GET over a Unix socket, and what an image's JSON begins with: its id. */
const ASK = String.raw`
alarm 3;
socket(my $s, 1, 1, 0) or exit 1;
connect($s, pack("S a108", 1, $ARGV[0])) or exit 1;
syswrite($s, "GET $ARGV[1] HTTP/1.0\r\nHost: docker\r\n\r\n");
my $said = "";
while (sysread($s, my $part, 65536)) { $said .= $part; last if $said =~ /\r\n\r\n.*,/s }
print $said =~ m{^HTTP/1\.[01] (\d{3})} ? $1 : exit 1;
print $said =~ m!\r\n\r\n.*?\{"Id":"(sha256:[0-9a-f]{64})"!s ? " $1" : "";
`;

/** Any shell can do it: no `id`, no `awk` need be in there. */
const INSIDE = String.raw`
p=$1; shift
command -v "$p" >/dev/null || { echo "there is no $p on its PATH"; exit 1; }
for u; do
  while IFS=: read -r n x i g r; do
    if [ "$n" = "$u" ]; then printf 'uid %s\ngid %s\n' "$i" "$g"; break 2; fi
  done </etc/passwd
done
[ "$n" = "$u" ] || { echo "there is no user $* in its /etc/passwd"; exit 1; }
if [ "$p" = pgbouncer ]; then
  set -- /usr/lib/postgresql/*/bin/psql
  [ -x "$1" ] || command -v psql >/dev/null || { echo "there is no psql in it"; exit 1; }
  v=$("$p" --version 2>&1)
elif [ "$p" = patroni ]; then
  for b in /usr/lib/postgresql/*/bin/postgres "$(command -v postgres)"; do
    if [ -x "$b" ]; then printf 'server %s %s\n' "$b" "$("$b" --version)"; fi
  done
  v=$("$p" --version 2>&1)
else
  v=$("$p" -v 2>&1)
fi || { echo "$p does not run in there: $v"; exit 1; }
printf 'version %s\n' "$v"
`;

function parse(image: string, { stdout }: FactOutput): ImageFact {
  const told = (what: string): string | undefined => new RegExp(`^${what} (.*)$`, "m").exec(stdout)?.[1];
  const status = told("engine");
  const engine = status === "200" || status === "404";
  const version = /\b(\d+\.\d+(?:\.\d+)?)/.exec(told("version") ?? "")?.[1];
  const [uid, gid] = [Number(told("uid") ?? NaN), Number(told("gid") ?? NaN)];
  const known = version !== undefined && Number.isInteger(uid) && Number.isInteger(gid);
  const id = /^id (sha256:[0-9a-f]{64})$/m.exec(stdout)?.[1] ?? (image.startsWith("sha256:") ? image : undefined);
  const fault = stdout
    .split("\n")
    .filter((line) => line.startsWith("fault "))
    .map((line) => line.slice("fault ".length))
    .join(" ");
  return {
    engine,
    ...(engine ? { present: status === "200" } : {}),
    ...(id === undefined ? {} : { id }),
    ...(known ? { inside: { uid, gid, version, ...serversIn(stdout) } } : {}),
    ...(!known && /^pending$/m.test(stdout) ? { isPending: true as const } : {}),
    ...(known ? {} : { fault: fault === "" ? "it did not say what is in it" : fault }),
  };
}

/** Each once, though it is found in two ways. */
function serversIn(text: string): Pick<ImageInside, "servers"> {
  const found = [...text.matchAll(/^server (\/\S+)\/postgres postgres \(PostgreSQL\) (\d+(?:\.\d+)?)/gm)];
  const servers = new Map(found.map(([, bin = "", version = ""]) => [bin, { version, bin }] as const));
  return servers.size === 0 ? {} : { servers: [...servers.values()] };
}
