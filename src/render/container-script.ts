import { CONTAINER_LABEL, INSIDE_FOLDER, insideOf } from "../desired/container.ts";
import type { DesiredContainer } from "../desired/container.ts";
import { notesOf } from "../desired/notes.ts";
import type { ContainerNames, Service } from "../desired/services.ts";
import { notesItsStart } from "./notes-of-start.ts";
import { UNIT_VARIABLE } from "./unit-file.ts";

/** What a unit's script has to know of the container that it runs. */
export interface ContainerRun {
  readonly service: Service & { readonly container: ContainerNames };
  readonly container: DesiredContainer;
  /** Of the program, after its name. */
  readonly arguments: readonly string[];
  /** Folders of the host's that it has at the same place, to read only. */
  readonly reads: readonly string[];
  /** Folders of the host's that it writes to, at the same place. */
  readonly writes?: readonly string[];
  /** Made anew for each container, and its user's: sockets are there. */
  readonly runtimeDirectory: string;
  /** Where that is inside, if not at the same place. */
  readonly runtimeInside?: string;
  /** Variables of the unit's environment that its own has. */
  readonly environment?: readonly string[];
  /** More words for `docker create`. */
  readonly options?: readonly string[];
  /** Its oom_score_adj, where the kernel lets that be set: Docker would not start it where it does not. */
  readonly outOfMemory?: number;
  /**
   * What it says goes past Docker, through a pipe of this name in `runtimeDirectory`: while Docker is away nobody reads
   * for it, and who says much comes to a halt.
   */
  readonly pipe?: string;
  /** Of libraries that it reads at its start. */
  readonly tree?: string;
  /** A test of the shell's for whether it is ready. */
  readonly isReady: string;
  /** The signal that ends it, and how long that may take. */
  readonly stop: {
    readonly signal: string;
    readonly seconds: number;
    /** What has something to lose is waited for, however long it takes. */
    readonly neverKills?: true;
  };
}

/**
 * What a unit runs as its one process: it makes the container, stays as long as that lives, and ends as that ended. No
 * single quote is in it.
 *
 * The container is nobody's child but Docker's. So whoever is killed here, this script, Docker's client or Docker
 * itself, what runs in the container goes on (with Docker's live-restore), and is taken up again instead of being
 * started anew, as long as it was started from this very unit. Signals go to its first process itself, which takes no
 * Docker.
 */
export function containerScript(run: ContainerRun): string {
  const { service, stop, runtimeDirectory, isReady } = run;
  const { name } = service.container;
  const inside = insideOf(service.unit);
  const { uid, gid } = run.container.inside;
  const pipe = run.pipe === undefined ? undefined : `${runtimeDirectory}/${run.pipe}`;
  // Whoever else holds its end would keep the reader from seeing the end of it.
  const apart = pipe === undefined ? "" : " 5>&-";
  return [
    `n=${name} f=${inside} i= p= t= c= e=1 told= k=`,
    // Another process of the same number has another start time. Read by the shell itself: it is asked often.
    `since() { w=; { read -r l <"/proc/$1/stat"; } 2>/dev/null || return; set -- \${l##*) }; shift 19; w=$1; }`,
    `alive() { [ -n "$t" ] && since "$p" && [ "$w" = "$t" ]; }`,
    `left() { { read -r l <"/proc/$c/stat"; } 2>/dev/null || return 0`,
    `case \${l##*) } in Z*) ;; *) return 1 ;; esac; }`,
    ...(stop.neverKills === true
      ? [`end() { told=1; ! alive || kill -s ${stop.signal} "$p"; }`]
      : [
          `patience() { k=0; while [ "$k" -lt ${stop.seconds * 5} ]; do sleep 0.2; alive || exit 0; k=$((k + 1)); ` +
            `done; ! alive || kill -s KILL "$p"; }`,
          `end() { told=1; ! alive || { kill -s ${stop.signal} "$p"; patience & }; }`,
        ]),
    // As people send them to a unit's process; what they are for, the program knows.
    `pass() { ! alive || kill -s "$1" "$p"; }`,
    `trap end TERM INT; trap "pass HUP" HUP; trap "pass USR2" USR2; trap : USR1`,
    `known() { since "$p"; t=$w; mkdir -p ${INSIDE_FOLDER}`,
    `echo "$p ${uid} ${gid} ${run.container.image}" >${hidden(inside)}; mv ${hidden(inside)} "$f"`,
    // Of one that somebody has Docker start anew, the client goes on waiting: its end is told by the process itself.
    `{ tail --pid="$p" -s 0.5 -f /dev/null; kill -s USR1 "$$"; }${apart} & }`,
    `engine() { until docker version >/dev/null 2>&1; do [ -z "$told" ] || exit 0; sleep 0.5; done; }`,
    `there() { docker inspect --type container --format ` +
      `"{{.State.Running}} {{.State.Pid}} {{.Id}} {{.Config.Labels.${CONTAINER_LABEL}}}" "$n" 2>/dev/null; }`,
    `attach() { docker attach --no-stdin --sig-proxy=false "$i"${apart} & c=$!; }`,
    ...(pipe === undefined ? [] : [`listen() { exec 5<>${pipe}; cat <${pipe} 5>&- & r=$!; }`]),
    `engine`,
    // No answer of a Docker that is gone is no "there is none".
    `s=$(there) || { docker version >/dev/null 2>&1 || exit 1; s=; }`,
    `case $s in`,
    `*" <no value>") echo "the container $n is not one of pgha, which has no other name for its own: rename or ` +
      `remove it" >&2; exit 1 ;;`,
    `"true "*" $${UNIT_VARIABLE}") set -- $s; [ ! -r "$f" ] || read -r k x <"$f"; [ "$k" != "$2" ] || p=$2 ;;`,
    `esac`,
    // Only the very process that was known before: one that somebody had Docker start anew has read other files.
    `if [ -n "$p" ]; then`,
    ...(pipe === undefined ? [] : ["listen"]),
    `i=$3; known; sed -i "s/^[^ ]* /$INVOCATION_ID /" ${notesOf(service.unit)}; attach`,
    `else`,
    `[ -z "$s" ] || docker stop -t ${stop.seconds} "$n" >/dev/null`,
    `while there >/dev/null; do docker rm "$n" >/dev/null 2>&1; sleep 0.2; done`,
    `docker version >/dev/null 2>&1 || exit 1`,
    `[ -z "$told" ] || exit 0`,
    `rm -rf "$f" ${runtimeDirectory}; install -d -o ${uid} -g ${gid} -m 755 ${runtimeDirectory}`,
    `( ${notesItsStart(service, run.tree)} )`,
    ...(pipe === undefined ? [] : [`mkfifo -m 600 ${pipe}; chown ${uid}:${gid} ${pipe}; listen`]),
    `i=$(${create(run)}) || exit 1`,
    `docker start --attach "$i"${apart} & c=$!`,
    `until s=$(there) && set -- $s && [ "\${2:-0}" -gt 0 ]; do ! left || break; sleep 0.05; done`,
    `p=\${2:-0}; [ "$p" = 0 ] || known`,
    ...(run.outOfMemory === undefined
      ? []
      : [`[ "$p" = 0 ] || { echo ${run.outOfMemory} >"/proc/$p/oom_score_adj"; } 2>/dev/null`]),
    `fi`,
    `[ -z "$told" ] || end`,
    `until ${isReady} || ! alive; do sleep 0.05; done`,
    `! alive || systemd-notify --ready`,
    // A signal ends the wait early; a client that is gone is no end.
    `while :; do`,
    `wait "$c"; e=$?`,
    `while alive && left; do`,
    `sleep 0.5`,
    `! docker version >/dev/null 2>&1 || attach`,
    `done`,
    `alive || break`,
    `done`,
    // Its last words.
    ...(pipe === undefined ? [] : [`exec 5>&-; wait "$r"`]),
    `rm -rf "$f" ${runtimeDirectory}`,
    `[ -z "$told" ] || exit 0`,
    // How it ended, where the wait for it ended before it did.
    `k=0; until [ "$e" -le 128 ] || left || [ "$k" -ge 20 ]; do sleep 0.1; k=$((k + 1)); done`,
    `[ "$e" -le 128 ] || ! left || { wait "$c"; e=$?; }`,
    `exit "$e"`,
  ].join("\n");
}

/** Nobody who lists the folder takes it for a unit's. */
function hidden(path: string): string {
  return path.replace(/[^/]*$/, ".$&");
}

function create({ service, container, reads, writes = [], runtimeDirectory, stop, ...run }: ContainerRun): string {
  const { name, program } = service.container;
  const { uid, gid } = container.inside;
  const { environment = [], options = [], runtimeInside = runtimeDirectory, pipe } = run;
  const words = [program, ...run.arguments].join(" ");
  return [
    `docker create --name ${name} --rm --pull never`,
    [
      `--label ${CONTAINER_LABEL}="$${UNIT_VARIABLE}"`,
      ...[UNIT_VARIABLE, ...environment].map((of) => `--env ${of}`),
    ].join(" "),
    // What it says goes through the client into the unit's journal, and nowhere else.
    "--log-driver none --no-healthcheck --network host --userns host",
    ...options,
    `--user ${uid}:${gid} --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp`,
    `--ulimit nofile="$(ulimit -n):$(ulimit -n)" --stop-signal SIG${stop.signal} --stop-timeout ${stop.seconds}`,
    ...reads.map((folder) => `--mount type=bind,source=${folder},target=${folder},readonly`),
    ...writes.map((folder) => `--mount type=bind,source=${folder},target=${folder}`),
    `--mount type=bind,source=${runtimeDirectory},target=${runtimeInside}`,
    pipe === undefined
      ? `--entrypoint ${program} ${container.image} ${run.arguments.join(" ")}`
      : `--entrypoint sh ${container.image} ` +
        `-c "exec 3<>${runtimeInside}/${pipe}; exec ${words} </dev/null >&3 2>&3 3>&-"`,
  ].join(" ");
}
