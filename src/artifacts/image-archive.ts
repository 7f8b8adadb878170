import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { ImageArchive } from "../desired/image.ts";
import { ArtifactError } from "./artifact-error.ts";
import { archiveEntries } from "./image-entries.ts";
import type { ImageCompression } from "./image-entries.ts";

/** What a person is told when a file will not do: the field that names it, and how a good one is had. */
const SAVE = "make it with docker save (of podman, in the format docker-archive), and name that file";

/** As much as is read of one of its files: a manifest is a list of names. */
const MOST_JSON = 4 * 1024 * 1024;

/**
 * What a file of `docker save` holds, plain or compressed with gzip or zstd: which image, and for which machines. The
 * id is computed from the configuration in it, not believed; layers are checked by the engine that loads them. Throws
 * ArtifactError, which names `field`.
 */
export async function readImageArchive(path: string, field: string): Promise<ImageArchive> {
  const refuse = (what: string, wayOut = SAVE, cause?: unknown): ArtifactError =>
    new ArtifactError(`${field}: ${path} ${what}`, {
      wayOut,
      // Another file may be put in its place.
      retry: "backoff",
      ...(cause === undefined ? {} : { cause }),
    });
  const found = await stat(path).catch((error: unknown) => {
    throw refuse(`cannot be read (${codeOf(error)})`, `correct ${field}, or put the file there`, error);
  });
  if (!found.isFile()) throw refuse(`is ${found.isDirectory() ? "a folder" : "no regular file"}`);
  if (found.size === 0) throw refuse("is empty");

  const files = new Map<string, Buffer>();
  const names = new Set<string>();
  let bytes = 0;
  let compression: ImageCompression;
  try {
    const archive = await archiveEntries(path, (name, size) => size <= MOST_JSON && /\.json$|^blobs\//.test(name));
    ({ compression } = archive);
    for await (const { name, content, end } of archive.entries) {
      names.add(name);
      if (content !== undefined) files.set(name, content);
      bytes = end;
    }
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    throw refuse(error instanceof Error ? error.message : String(error), SAVE, error);
  }

  const [image, ...more] = manifestsIn(files.get("manifest.json"));
  if (image === undefined) throw refuse(whatElse(names));
  if (more.length > 0) throw refuse(`holds ${more.length + 1} images`, "save one image alone with docker save");
  const content = files.get(image.Config);
  const hex = /([0-9a-f]{64})(?:\.json)?$/.exec(image.Config)?.[1];
  if (content === undefined || hex === undefined) throw refuse(`lacks ${image.Config}, which its manifest names`);
  if (createHash("sha256").update(content).digest("hex") !== hex)
    throw refuse(`is damaged: ${image.Config} is not what its name says`);
  const lacking = image.Layers.find((layer) => !names.has(layer));
  if (lacking !== undefined) throw refuse(`lacks the layer ${lacking}: it was cut short or saved from elsewhere`);
  const { os, architecture } = jsonOf(content) as { readonly os?: unknown; readonly architecture?: unknown };
  if (os !== "linux" || typeof architecture !== "string")
    throw refuse(`is an image for ${typeof os === "string" ? os : "an unknown system"}`, "use an image for Linux");
  return { path, id: `sha256:${hex}`, architecture, bytes, compression };
}

interface Manifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

/** https://github.com/moby/docker-image-spec, "Combined Image JSON + Filesystem Changeset Format". */
function manifestsIn(content: Buffer | undefined): readonly Manifest[] {
  const value = content === undefined ? undefined : jsonOf(content);
  if (!Array.isArray(value)) return [];
  return value.filter(
    (one: unknown): one is Manifest =>
      typeof one === "object" &&
      one !== null &&
      "Config" in one &&
      typeof one.Config === "string" &&
      "Layers" in one &&
      Array.isArray(one.Layers) &&
      one.Layers.every((layer) => typeof layer === "string"),
  );
}

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    return undefined;
  }
}

function whatElse(names: ReadonlySet<string>): string {
  if (names.has("oci-layout")) return "is an OCI archive, which docker load does not take everywhere";
  if (names.has("etc") || names.has("usr") || names.has("etc/passwd"))
    return "is the file system of a container, as docker's export has it, not an image";
  return "holds no image: it has no manifest.json";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
