import { IMAGE_NAME } from "../desired/image.ts";
import { raw, script, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import type { RegistryLogin } from "./material.ts";

export interface PullImage {
  readonly kind: "pull-image";
  /** What a person calls what runs in it. */
  readonly title: string;
  /** `registry/name@sha256:...` */
  readonly reference: string;
}

export const pullImage: HostChangeKind<PullImage> = {
  kind: "pull-image",
  describe: ({ title, reference }) => `pull the image of ${title}, ${reference}`,
  target: ({ reference }) => reference,
  action: "create",
  event: "ImagePulled",
  undoneBy: "nobody",
  undoneElsewhere: "something on that host removes images (docker image prune -a, a timer of somebody's)",
  command: ({ reference }, { registry }) => pull(reference, registry),
  deadlineMs: 3_600_000,
  speaks: true,
};

/**
 * Pulls by digest, so what comes is what was asked for. A login is in a folder of root's in memory while it lasts; what
 * root is logged in to there by hand is not looked at then.
 */
function pull(reference: string, login: RegistryLogin | undefined): Command {
  if (login === undefined) return script([sh`export HOME=/root; docker pull ${reference} >&2`, named(reference)]);
  const config = { auths: login.auths };
  return withStdin(
    script([
      sh`umask 077; d=$(mktemp -d /run/pgha/pull.XXXXXXXX); trap 'rm -rf "$d"' EXIT; trap 'exit 129' HUP INT TERM`,
      sh`cat >"$d/config.json"`,
      sh`docker --config "$d" pull ${reference} >&2`,
      named(reference),
    ]),
    JSON.stringify(config),
    login.secrets,
  );
}

/** A name of pgha's own keeps `docker image prune` away from it, which a name with a digest alone does not. */
function named(reference: string): Command {
  return sh`i=$(docker image inspect --format '{{.Id}}' ${reference})
i=\${i#sha256:}; i=${raw(IMAGE_NAME)}:\${i%"\${i#????????????}"}
docker image inspect --format . "$i" >/dev/null 2>&1 || docker tag ${reference} "$i"`;
}
