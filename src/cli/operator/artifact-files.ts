import { ARTIFACTS } from "../../artifacts/names.ts";
import type { ArtifactName } from "../../artifacts/names.ts";

/** Files of artifacts as options: by the name that the parser of options gives them. */
export type ArtifactOptions = Readonly<Partial<Record<`${ArtifactName}File`, string>>>;

export const ARTIFACT_OPTIONS = ARTIFACTS.map(({ name, title }) => ({
  flags: `--${name}-file <path>`,
  description: `${title}'s source distribution (default: ${variableOf(name)}, else it is fetched)`,
}));

/** The files that were named, by option or by environment. */
export function artifactFiles(
  options: ArtifactOptions,
  variables: Readonly<Record<string, string | undefined>>,
): Readonly<Partial<Record<ArtifactName, string>>> {
  return Object.fromEntries(
    ARTIFACTS.flatMap(({ name }) => {
      const file = options[`${name}File`] ?? variables[variableOf(name)];
      return file === undefined ? [] : [[name, file]];
    }),
  );
}

/** As the image sets it. */
function variableOf(name: ArtifactName): string {
  return `PGHA_${name.toUpperCase()}_FILE`;
}
