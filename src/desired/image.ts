/** An image that a host must have before anything is started from it. Its id tells its content; tags tell nothing. */
export interface DesiredImage {
  /** What a person calls what runs in it. */
  readonly title: string;
  /**
   * `sha256:` and the digest of its configuration, which names all its layers by their digests; or
   * `name@sha256:` and the digest by which a registry has it.
   */
  readonly id: string;
  /** The file that pgha brings it by. */
  readonly archive?: ImageArchive;
  /** Its id is a name with a digest, by which the host gets it itself. */
  readonly isPulled?: true;
}

/** A file of `docker save` on the controlling side. */
export interface ImageArchive {
  /** Its path there. */
  readonly path: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly id: string;
  /** As Go has it: amd64, arm64. */
  readonly architecture: string;
  /** What goes to a host: all of it, unpacked. */
  readonly bytes: number;
  readonly compression: "none" | "gzip" | "zstd";
}

/** What pgha calls images that it brings, so that whoever removes images without a name leaves them. */
export const IMAGE_NAME = "pgha/image";

export function imageTag(id: string): string {
  return `${IMAGE_NAME}:${shortId(id)}`;
}

/** What people tell images apart by, as `docker image ls` has it. */
export function shortId(id: string): string {
  return /sha256:([0-9a-f]{12})/.exec(id)?.[1] ?? id;
}
