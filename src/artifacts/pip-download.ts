import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactError } from "./artifact-error.ts";

/** A source distribution, pinned. */
export interface PinnedSdist {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** How pip may be called, the best first. */
const PIPS: readonly (readonly [string, ...string[]])[] = [["python3", "-m", "pip"], ["pip3"], ["pip"]];

const PATIENCE_MS = 180_000;

/**
 * Fetches a pinned source distribution with pip, from wherever this machine's pip is set up to fetch.
 *
 * pip insists on asking the package's build system for its metadata before it hands the file over, which runs code of
 * the package and downloads setuptools first. A build system of our own, which knows the answer, is put in its place:
 * nothing of the package runs, and nothing else is fetched. Seen to work with pip 23.0, 23.2 and 26.3.
 */
export async function pipDownload(sdist: PinnedSdist, wayOut: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "pgha-pip-"));
  try {
    await writeBuildSystem(join(folder, "build", "setuptools"), sdist);
    const requirements = join(folder, "requirements.txt");
    await writeFile(requirements, `${sdist.name}==${sdist.version} --hash=sha256:${sdist.sha256}\n`);
    const target = join(folder, "got");
    const options = [
      "--quiet",
      "--no-input",
      "--no-deps",
      "--no-binary",
      ":all:",
      "--no-build-isolation",
      "--use-pep517",
      "--require-hashes",
    ];
    await runPip(
      ["download", ...options, "--dest", target, "--requirement", requirements],
      { PYTHONPATH: join(folder, "build") },
      sdist,
      wayOut,
    );
    const [file] = await readdir(target);
    if (file === undefined) {
      throw new ArtifactError(`pip downloaded no file for ${sdist.name} ${sdist.version}`, { wayOut });
    }
    return await readFile(join(target, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The hooks of PEP 517 that pip calls before a download. */
async function writeBuildSystem(folder: string, sdist: PinnedSdist): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "__init__.py"), "");
  await writeFile(
    join(folder, "build_meta.py"),
    `import os
import sys

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name = "${sdist.name}-${sdist.version}.dist-info"
    os.mkdir(os.path.join(metadata_directory, name))
    with open(os.path.join(metadata_directory, name, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: ${sdist.name}\\nVersion: ${sdist.version}\\n")
    return name

__legacy__ = sys.modules[__name__]
`,
  );
}

async function runPip(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  sdist: PinnedSdist,
  wayOut: string,
): Promise<void> {
  let missing: unknown;
  for (const [program, ...first] of PIPS) {
    const failure = await run(program, [...first, ...args], env);
    if (failure === undefined) {
      return;
    }
    if (failure.absent) {
      missing ??= failure.cause;
      continue;
    }
    throw new ArtifactError(`pip could not download ${sdist.name} ${sdist.version}: ${failure.said}`, {
      wayOut,
      retry: "backoff",
      cause: failure.cause,
    });
  }
  throw new ArtifactError(`${sdist.name} ${sdist.version} has to be fetched, and there is no pip here`, {
    wayOut: `install it (Debian: apt-get install --no-install-recommends python3-pip), or ${wayOut}`,
    cause: missing,
  });
}

interface Failure {
  readonly absent: boolean;
  readonly said: string;
  readonly cause: unknown;
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Failure | undefined> {
  return await new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, ...env }, timeout: PATIENCE_MS }, (error, _stdout, stderr) => {
      if (error === null) {
        resolve(undefined);
        return;
      }
      const absent = error.code === "ENOENT" || /No module named pip\b/.test(stderr);
      const errors = stderr
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
      const said =
        error.killed === true
          ? `it took longer than ${PATIENCE_MS / 1000} seconds`
          : (errors.findLast((line) => line.startsWith("ERROR:")) ??
            errors.at(-1) ??
            `exit code ${error.code ?? "unknown"}`);
      resolve({ absent, said: withoutCredentials(said), cause: error });
    });
  });
}

/** An index may be configured as https://user:password@host. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/(\w+:\/\/)[^/\s@]+@/g, "$1***@");
}
