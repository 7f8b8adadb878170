import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { DesiredArtifact } from "../desired/host.ts";
import { ArtifactError } from "./artifact-error.ts";
import { readCached, writeCached } from "./cache.ts";
import { makeDurable } from "./durable-journal.ts";
import { pipDownload } from "./pip-download.ts";
import type { PinnedSdist } from "./pip-download.ts";
import { storedGzip } from "./stored-gzip.ts";
import { readTar, writeTar } from "./tar.ts";
import { sha256, treeDigest } from "./tree-digest.ts";

/**
 * PySyncObj as pgha brings it to the members: the distributions' versions lose acknowledged writes of the DCS when
 * members restart, this one was not seen to.
 */
export const PYSYNCOBJ = {
  name: "pysyncobj",
  version: "0.3.17",
  /** Of the source distribution on PyPI. */
  sha256: "8aaef68141714d556173778a51bcc4e221b6fd4c971dc1240f3ab4c0d2dfe765",
  /** Where hosts have it. */
  path: "/opt/pgha/pysyncobj-0.3.17",
} as const satisfies PinnedSdist & { readonly path: string };

export interface PysyncobjArtifact {
  readonly version: string;
  /** The Python package `pysyncobj/` and its licence, in an archive that is always the same. */
  readonly tarGz: Buffer;
  /** Of the archive. */
  readonly sha256: string;
  /** Of the files in it, as treeDigestCommand(path, "pysyncobj") prints it on a host that has them. */
  readonly treeSha256: string;
}

/**
 * PySyncObj, checked: from the file a person names, else from the cache, else fetched with pip and cached.
 *
 * Throws ArtifactError.
 */
export async function pysyncobjArtifact(options: {
  readonly file?: string;
  readonly cacheFolder: string;
}): Promise<PysyncobjArtifact> {
  if (options.file !== undefined) {
    return packPysyncobj(await readNamed(options.file));
  }
  const fileName = `${PYSYNCOBJ.name}-${PYSYNCOBJ.version}.tar.gz`;
  const cached = await readCached(options.cacheFolder, fileName, PYSYNCOBJ.sha256);
  if (cached !== undefined) {
    return packPysyncobj(cached);
  }
  const fetched = await pipDownload(
    PYSYNCOBJ,
    `get ${fileName} from PyPI on another machine, bring it here, and name it in spec.patroni.dcs.raft.pysyncobjFile`,
  );
  const artifact = packPysyncobj(checked(fetched, "what pip downloaded"));
  await writeCached(options.cacheFolder, fileName, fetched);
  return artifact;
}

/** The same as hosts want it. */
export function desiredPysyncobj(artifact: PysyncobjArtifact): DesiredArtifact {
  return {
    name: `PySyncObj ${artifact.version}`,
    path: PYSYNCOBJ.path,
    tarGz: artifact.tarGz,
    sha256: artifact.sha256,
  };
}

/** Takes the pure Python package out of the source distribution, and lets it wait for the disk. */
export function packPysyncobj(sdist: Buffer): PysyncobjArtifact {
  const root = `${PYSYNCOBJ.name}-${PYSYNCOBJ.version}/`;
  const files = makeDurable(
    readTar(gunzipSync(sdist)).flatMap(({ path, content }) => {
      const inside = path.slice(root.length);
      if (!path.startsWith(root) || !(/^pysyncobj\/\w+\.py$/.test(inside) || inside === "LICENSE.txt")) {
        return [];
      }
      return [{ path: inside === "LICENSE.txt" ? "pysyncobj/LICENSE.txt" : inside, content }];
    }),
  );
  const tarGz = storedGzip(writeTar(files));
  return { version: PYSYNCOBJ.version, tarGz, sha256: sha256(tarGz), treeSha256: treeDigest(files) };
}

async function readNamed(file: string): Promise<Buffer> {
  try {
    return checked(await readFile(file), file);
  } catch (error) {
    if (error instanceof ArtifactError) {
      throw error;
    }
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new ArtifactError(`${file} cannot be read (${code})`, {
      wayOut: "correct spec.patroni.dcs.raft.pysyncobjFile, or leave it out to have the file fetched with pip",
      cause: error,
    });
  }
}

function checked(bytes: Buffer, what: string): Buffer {
  const found = sha256(bytes);
  if (found !== PYSYNCOBJ.sha256) {
    throw new ArtifactError(
      `${what} is not ${PYSYNCOBJ.name}-${PYSYNCOBJ.version}.tar.gz as PyPI has it: its sha256 is ${found}, ` +
        `not ${PYSYNCOBJ.sha256}`,
      {
        wayOut: `name the source distribution of exactly version ${PYSYNCOBJ.version}, unchanged`,
      },
    );
  }
  return bytes;
}
