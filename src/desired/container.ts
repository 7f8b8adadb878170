/** What is in an image, as far as a service needs to know it. */
export interface ImageInside {
  /** The user that the service runs as there, by number: the host may know another one by that name, or none. */
  readonly uid: number;
  readonly gid: number;
  /** Of the service's program. */
  readonly version: string;
  /** What it has of PostgreSQL's server; looked for where Patroni is to run. */
  readonly servers?: readonly ServerInside[];
}

export interface ServerInside {
  /** 16.2 */
  readonly version: string;
  /** Where its programs are. */
  readonly bin: string;
}

/** The server of a major version in an image. */
export function serverIn({ servers = [] }: ImageInside, major: number): ServerInside | undefined {
  return servers.find(({ version }) => Number(version.split(".")[0]) === major);
}

/** The container that a service runs in. */
export interface DesiredContainer {
  /** Content id: `sha256:` and 64 hex digits. */
  readonly image: string;
  readonly inside: ImageInside;
}

/**
 * There while a unit's container runs: the number of its first process on the host, its user's and group's, and the
 * image. Facts and changes go in there by it, and need not know what a spec says of a runtime.
 */
export function insideOf(unit: string): string {
  return `${INSIDE_FOLDER}/${unit}`;
}

export const INSIDE_FOLDER = "/run/pgha/inside";

/** Of pgha's own containers, by which they are known: the mark of the unit that one was started from. */
export const CONTAINER_LABEL = "pgha";
