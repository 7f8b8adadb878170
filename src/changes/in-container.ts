import type { DesiredContainer } from "../desired/container.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** The words that run a program aside: the one of the host, or of an image in a container that goes when it ends. */
export function aside(program: string, container: DesiredContainer | undefined, mounts: Command): Command {
  if (container === undefined) return sh`${program}`;
  const { uid, gid } = container.inside;
  return sh`timeout -k 1 30 docker run --rm --pull never --network none --userns host --log-driver none \
  --no-healthcheck --user ${`${uid}:${gid}`} --cap-drop ALL --security-opt no-new-privileges --read-only \
  --tmpfs /tmp ${mounts} --entrypoint ${program} ${container.image}`;
}
