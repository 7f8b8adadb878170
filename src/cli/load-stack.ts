import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { loadManifests } from "../api/load.ts";
import type { Manifests } from "../api/load.ts";
import { hostsOf } from "../api/index.ts";
import type { Resource } from "../api/index.ts";
import { PghaError } from "../errors.ts";
import { stackOf } from "../reconcilers/stack.ts";
import type { Stack } from "../reconcilers/stack.ts";
import { printable } from "../text/printable.ts";
import type { Environment } from "./environment.ts";
import type { Screen } from "./screen.ts";
import type { StackOptions } from "./stack-options.ts";

/** What a command is about: the resources of its manifests, and where records of them are kept. */
export interface LoadedStack {
  readonly files: readonly string[];
  readonly stateFolder: string;
  readonly stack: Stack;
  readonly secrets: Manifests["secrets"];
  /** Name to address of every host, in the order of the manifests. */
  readonly addresses: ReadonlyMap<string, string>;
}

/**
 * Reads and checks the manifests that the options name; remarks on what is sound but questionable.
 *
 * @throws InvalidInputError with everything that is wrong with them.
 */
export async function loadStack(options: StackOptions, environment: Environment, screen: Screen): Promise<LoadedStack> {
  const files = filesOf(options, environment);
  const manifests = await loadManifests(
    files.map((file) => (file === "-" ? "/dev/stdin" : resolve(environment.workingDirectory, file))),
  );
  for (const { resource, path, message, wayOut } of manifests.warnings) {
    screen.remark(
      `${screen.style.caution("warning:")} ${printable(`${resource} ${path}`.trimEnd())}: ` +
        `${printable(wayOut === undefined ? message : `${message}; ${wayOut}`)}\n`,
    );
  }
  return {
    files,
    stateFolder: resolve(
      environment.workingDirectory,
      options.state ?? join(folderOf(files[0] ?? "-", environment), ".pgha"),
    ),
    stack: stackOf(manifests.resources),
    secrets: manifests.secrets,
    addresses: addressesOf(manifests.resources),
  };
}

const USUAL_FILE = "pgha.yaml";

function filesOf({ file }: StackOptions, { workingDirectory }: Environment): readonly string[] {
  if (file !== undefined) {
    return file;
  }
  if (existsSync(join(workingDirectory, USUAL_FILE))) {
    return [USUAL_FILE];
  }
  throw new PghaError(`no manifest given, and there is no ${USUAL_FILE} here`, {
    reason: "NoManifest",
    retry: "never",
    wayOut: "name one with -f FILE, or make one from your inventory with pgha import -o pgha.yaml",
  });
}

function folderOf(file: string, { workingDirectory }: Environment): string {
  const path = resolve(workingDirectory, file === "-" ? "." : file);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);
}

function addressesOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
  return new Map(resources.flatMap((resource) => hostsOf(resource).map((host) => [host.name, host.address] as const)));
}
