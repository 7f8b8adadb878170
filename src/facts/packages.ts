import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** Installed versions of Debian packages; undefined where one is not installed (known, removed, or half-way). */
export function packagesFact(names: readonly string[]): Fact<Readonly<Record<string, string | undefined>>> {
  if (names.length === 0) {
    return { command: sh`true`, parse: () => ({}) };
  }
  return {
    command: sh`dpkg-query --show --showformat='\${db:Status-Abbrev}\t\${Package}\t\${Version}\n' -- ${names}`,
    parse: (output) => parse(output, names),
  };
}

function parse(
  { exitCode, stdout }: FactOutput,
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  // 1 means that some name is not known at all.
  if (exitCode > 1) {
    throw new Error(`dpkg-query failed with exit code ${exitCode}`);
  }
  const versions = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [status, name, version] = line.split("\t");
    // Wanted, then state: only `i` as the state means unpacked and configured (dpkg-query(1)).
    if (status?.[1] === "i" && name !== undefined && version !== undefined) {
      versions.set(name, version);
    }
  }
  return Object.fromEntries(names.map((name) => [name, versions.get(name)]));
}
