import { raw, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/**
 * Shell lines that have in `$f` what a shell in an image says, which is asked once for each image, question and boot:
 * what has that id never changes. `script` is run with `words`, and was heard to the end where it said a line that
 * begins with `last`; else what came instead is in `$f.fault`. Neither is there while Docker takes its time: who asks
 * goes on asking then, though the look be over, and the next look finds the answer. `isThere`: a test for whether there
 * is anything to ask.
 */
export function askImage(
  image: string,
  { name, script, last, words = [] }: { name: string; script: string; last: string; words?: readonly string[] },
  isThere: Command,
): Command {
  const kept = `/run/pgha/images/${image.replace("sha256:", "")}.${name}`;
  return sh`f=${kept}
if ! [ -s "$f" ] && ${isThere}; then
  mkdir -p "\${f%/*}"; rm -f "$f.fault"
  setsid sh -c ${ASK} - "$f" ${last} ${image} ${script} ${words} </dev/null >/dev/null 2>&1 &
  until [ -s "$f" ] || [ -s "$f.fault" ] || [ "$(date +%s)" -ge "\${end:-0}" ]; do sleep 0.1; done
fi`;
}

/** When a look has waited long enough; before what is asked in it. */
export const untilLookEnds: Command = sh`end=$(($(date +%s) + 6))`;

const ASK = raw(`'
f=$1 l=$2 i=$3 c=$4; shift 4
exec 9>"$f.lock"; flock -n 9 || exit 0
timeout 120 docker run --rm --pull never --network none --userns host --log-driver none --no-healthcheck --user 0:0 \\
  --cap-drop ALL --security-opt no-new-privileges --read-only --entrypoint sh "$i" -c "$c" - "$@" >"$f.new" 2>&1
if grep -q "^$l" "$f.new"; then mv "$f.new" "$f"; else mv "$f.new" "$f.fault"; fi
'`);
