/** What pgha brings to hosts that no package repository has as it should be. */
export const ARTIFACTS = [{ name: "pysyncobj", title: "PySyncObj" }] as const;

export type ArtifactName = (typeof ARTIFACTS)[number]["name"];

/** An artifact, as a resource asks for it. */
export interface AskedArtifact {
  readonly name: ArtifactName;
  /** The file that a person named, for sites that cannot fetch it. */
  readonly file: string | undefined;
}

/** Tells two apart that are not the same. */
export function artifactKey({ name, file }: AskedArtifact): string {
  return `${name} ${file ?? ""}`;
}
