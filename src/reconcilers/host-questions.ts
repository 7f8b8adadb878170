import type { DesiredHost } from "../desired/host.ts";
import type { Answers } from "../facts/fact.ts";
import { listenersFact } from "../facts/listeners.ts";
import { packagesFact } from "../facts/packages.ts";
import { pathsFact } from "../facts/paths.ts";
import { systemFact } from "../facts/system.ts";
import { unitsFact } from "../facts/systemd/units.ts";
import { upgradesFact } from "../facts/upgrades.ts";
import { oncePer } from "../keep-last.ts";
import type { HostFacts } from "../plan/host.ts";
import { sha256 } from "../render/digest.ts";

/** What every host is asked, whatever it carries. `besides`: paths of what it may carry still from before. */
export function hostQuestions(desired: DesiredHost, besides: readonly string[] = []) {
  return {
    system: systemFact(),
    packages: packagesFact(desired.packages.names),
    upgrades: upgradesFact(desired.upgrades?.names ?? [], desired.packages.versions),
    paths: pathsFact(
      [
        ...new Set([
          ...desired.files.map((file) => file.path),
          ...desired.directories.map((directory) => directory.path),
          ...besides,
        ]),
      ],
      desired.files.filter((file) => file.yields === true).map((file) => file.path),
    ),
    units: unitsFact([
      ...desired.services.map(({ of: { unit, program } }) => ({
        name: unit,
        ...(program === undefined ? {} : { program }),
      })),
      ...desired.masked.map(({ unit }) => ({ name: unit })),
    ]),
    listeners: listenersFact(),
  };
}

/** The same answers in the shape that planHost compares. */
export function hostFacts(
  desired: DesiredHost,
  answers: Answers<ReturnType<typeof hostQuestions>>,
  artifactDigest?: string,
): HostFacts {
  const [artifact] = desired.artifacts;
  return {
    packages: answers.packages,
    paths: answers.paths,
    units: answers.units,
    artifacts: artifact === undefined ? {} : { [artifact.path]: artifactDigest },
    digests: digestsOf(desired),
  };
}

export const digestsOf = oncePer(
  (desired: DesiredHost): ReadonlyMap<string, string> =>
    new Map(desired.files.map((file) => [file.path, sha256(file.content)])),
);
