import { imageSink } from "../artifacts/image-sink.ts";
import type { ImageRecipe } from "../render/image-recipe.ts";
import { script, sh, withInput, withSink } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface BuildImage {
  readonly kind: "build-image";
  /** What a person calls what runs in it. */
  readonly title: string;
  readonly base: string;
  readonly recipe: ImageRecipe;
}

export const buildImage: HostChangeKind<BuildImage> = {
  kind: "build-image",
  describe: ({ title, base }) => `build the image of ${title} on ${base}, and fetch it`,
  target: ({ recipe }) => recipe.digest,
  action: "create",
  event: "ImageBuilt",
  undoneBy: "nobody",
  command: build,
  deadlineMs: 3_600_000,
  speaks: true,
};

/** Where the whole of what a build said is kept on its host. */
export function buildLog(recipe: ImageRecipe): string {
  return `/var/log/pgha/build-${recipe.digest}.log`;
}

/**
 * Builds on this host what has not been built here, and prints the image. What the build says goes to standard error,
 * bit by bit, and stays in a file. With the host's network: a daemon may have no other.
 */
function build({ recipe }: BuildImage): Command {
  const log = buildLog(recipe);
  const tag = `pgha/recipe:${recipe.digest}`;
  return withSink(
    withInput(
      script([
        sh`if ! docker image inspect --format . ${tag} >/dev/null 2>&1; then
  mkdir -p /var/log/pgha
  { BUILDKIT_PROGRESS=plain docker build --network host --force-rm --tag ${tag} - 2>&1 && echo 'pgha: built'; } |
    tee ${log} >&2
  tail -n 1 ${log} | grep -qx 'pgha: built' || { echo ${`The whole of it: ${log}`} >&2; exit 1; }
fi`,
        sh`docker save ${tag}`,
      ]),
      recipe.dockerfile,
    ),
    imageSink(recipe.digest),
  );
}
