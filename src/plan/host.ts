import { octal } from "../text/octal.ts";
import type { Change } from "../changes/table.ts";
import type { DesiredDirectory, DesiredFile, DesiredHost, DesiredService } from "../desired/host.ts";
import type { PathFact, UnitFact } from "../facts/types.ts";
import { NOTICES, noticing } from "./notices.ts";
import type { Notice } from "./notices.ts";
import type { Impact, Stage, Step, Warning } from "./plan.ts";

/** What src/plan/host.ts needs to know of a host, whatever the kind of resource. */
export interface HostFacts {
  readonly packages: Readonly<Record<string, string | undefined>>;
  readonly paths: Readonly<Record<string, PathFact>>;
  /** Path of an artifact to the digest in its stamp. */
  readonly artifacts: Readonly<Record<string, string | undefined>>;
  readonly units: Readonly<Record<string, UnitFact>>;
  /** SHA-256 of each desired file's content, computed once on this side. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Steps that bring a host's packages, files and units to what is desired, in the order they are to be done. */
export function planHost(resource: string, desired: DesiredHost, facts: HostFacts): readonly Step[] {
  const step = (stage: Stage, what: string, change: Change, because: string, impact: Impact = "none"): Step => ({
    id: `${desired.host}/${resource}/${what}`,
    resource,
    host: desired.host,
    stage,
    change,
    because,
    impact,
  });
  const files = (early: boolean): Step[] =>
    desired.files
      .filter((file) => (file.beforePackages ?? false) === early && !isForeign(file, facts.paths[file.path]))
      .flatMap((file) => {
        const before = facts.paths[file.path] ?? { kind: "absent" };
        const because = whyFile(file, before, facts.digests.get(file.path) ?? "");
        return because === undefined
          ? []
          : [step("prepare", `file ${file.path}`, { kind: "write-file", file, before }, because)];
      });
  const late = files(false);
  return [
    ...files(true),
    ...planPackages(desired, facts).map(({ change, because }) => step("prepare", "packages", change, because)),
    ...desired.directories.flatMap((directory) => {
      const before = facts.paths[directory.path] ?? { kind: "absent" };
      const isKept = before.kind === "absent" && isRunning(facts.units[directory.keptBy ?? ""]);
      const because = isKept ? undefined : whyDirectory(directory, before);
      return because === undefined
        ? []
        : [step("prepare", `directory ${directory.path}`, { kind: "make-directory", directory, before }, because)];
    }),
    ...desired.artifacts.flatMap((artifact) => {
      const found = facts.artifacts[artifact.path];
      if (found === artifact.sha256) return [];
      return [
        step(
          "prepare",
          `artifact ${artifact.path}`,
          { kind: "push-artifact", artifact },
          found === undefined ? "it is not there" : "what is there is not the pinned one",
        ),
      ];
    }),
    ...late,
    ...unitSteps(desired, facts, late).map(({ change, because, notices }) => ({
      ...step("prepare", "units", change, because),
      ...noticing("none", notices),
    })),
  ];
}

/** Files that stay away, since somebody else's stand in their place. */
export function yieldedFiles(resource: string, desired: DesiredHost, { paths }: HostFacts): readonly Warning[] {
  return desired.files
    .filter((file) => isForeign(file, paths[file.path]))
    .map(({ path }) => ({
      resource,
      host: desired.host,
      reason: "FileNotOurs",
      message: `${path} is not pgha's and stays as it is; pgha's own has no other place. Move it away to get pgha's`,
    }));
}

function isForeign(file: DesiredFile, found: PathFact | undefined): boolean {
  return (
    file.yields === true &&
    found !== undefined &&
    found.kind !== "absent" &&
    (found.kind !== "file" || found.own !== true)
  );
}

function planPackages(desired: DesiredHost, facts: HostFacts): readonly { change: Change; because: string }[] {
  const missing = desired.packages.names.filter((name) => facts.packages[name] === undefined);
  if (missing.length === 0) return [];
  // A unit that is enabled is ours and may start: its package was taken from under it.
  const maskFirst = missing
    .flatMap((name) => desired.packages.services[name] ?? [])
    .filter((unit) => facts.units[unit]?.unitFileState !== "enabled");
  return [
    {
      change: { kind: "install-packages", packages: desired.packages, missing, maskFirst },
      because: whyInstall(maskFirst),
    },
  ];
}

export function whyInstall(maskFirst: readonly string[]): string {
  return maskFirst.length === 0
    ? "not installed"
    : `not installed; masked meanwhile so that nothing starts: ${maskFirst.join(", ")}`;
}

function unitSteps(
  desired: DesiredHost,
  facts: HostFacts,
  fileSteps: readonly Step[],
): readonly { change: Change; because: string; notices: readonly Notice[] }[] {
  const rewritten = new Set(fileSteps.map(({ change }) => (change.kind === "write-file" ? change.file.path : "")));
  const isUnread = ({ of: { unit, unitFile } }: DesiredService): boolean => {
    const found = facts.units[unit];
    return found?.loadState === "loaded" && (found.needsDaemonReload || rewritten.has(unitFile));
  };
  const isEnabled = ({ of }: DesiredService): boolean => facts.units[of.unit]?.unitFileState === "enabled";
  const mask = desired.masked.filter(({ unit }) => facts.units[unit]?.unitFileState !== "masked");
  const services = desired.services.filter((service) => !isEnabled(service) || isUnread(service));
  if (mask.length + services.length === 0) return [];
  const because = [
    ...mask.map(({ title }) => `${title} must never start beside ours`),
    ...services.map((service) =>
      isEnabled(service)
        ? `systemd has not read the unit of ${service.of.title} since it was changed`
        : `${service.of.title} must come back after a reboot`,
    ),
  ].join(", ");
  const stopped = mask.filter(({ unit }) => facts.units[unit]?.activeState === "active");
  return [
    {
      change: {
        kind: "arrange-units",
        mask: mask.map(({ unit }) => unit),
        enable: services.map(({ of }) => of.unit),
      },
      because,
      notices: stopped.length === 0 ? [] : [NOTICES.unitStopped(stopped.map(({ title }) => title))],
    },
  ];
}

function whyFile(file: DesiredFile, before: PathFact, digest: string): string | undefined {
  switch (before.kind) {
    case "absent":
      return "it is not there";
    case "file":
      return before.sha256 === digest ? whyOwner(file, before) : "its content differs from the spec";
    case "directory":
    case "other":
      return `a ${before.kind === "directory" ? "directory" : before.what} is in its place`;
  }
}

function whyDirectory(directory: DesiredDirectory, before: PathFact): string | undefined {
  switch (before.kind) {
    case "absent":
      return "it is not there";
    case "directory":
      return whyOwner(directory, before);
    case "file":
    case "other":
      return `a ${before.kind === "file" ? "file" : before.what} is in its place`;
  }
}

/** On its way up or down it counts, too: systemd starts it again and again. */
function isRunning(unit: UnitFact | undefined): boolean {
  return unit !== undefined && unit.activeState !== "inactive" && unit.activeState !== "failed";
}

function whyOwner(
  wanted: { readonly owner: string; readonly group: string; readonly mode: number },
  found: Owned,
): string | undefined {
  const isOurs = wanted.owner === found.owner || wanted.owner === String(found.uid);
  const isOfGroup = wanted.group === found.group || wanted.group === String(found.gid);
  if (!isOurs || !isOfGroup)
    return `it belongs to ${found.owner}:${found.group} instead of ${wanted.owner}:${wanted.group}`;
  return wanted.mode === found.mode ? undefined : `its mode is ${octal(found.mode)} instead of ${octal(wanted.mode)}`;
}

type Owned = Extract<PathFact, { readonly kind: "directory" }> | Extract<PathFact, { readonly kind: "file" }>;
