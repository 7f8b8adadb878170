import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { buildInformation } from "./build-information.ts";

export interface VersionOptions {
  readonly output: "text" | "json";
}

export async function runVersion({ output }: VersionOptions, { screen }: Invocation): Promise<number> {
  const { version, commit } = buildInformation;
  const node = process.versions.node;
  const platform = `${process.platform}-${process.arch}`;
  screen.print(
    output === "json"
      ? `${JSON.stringify({ version, commit, node, platform }, null, 2)}\n`
      : `pgha ${version} (commit ${commit}; Node ${node}, ${platform})\n`,
  );
  return EXIT.ok;
}
