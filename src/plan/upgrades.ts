import type { PackageUpgrade } from "../changes/upgrade-packages.ts";
import type { DesiredHost } from "../desired/host.ts";
import { noticing } from "./notices.ts";
import type { Notice } from "./notices.ts";
import type { UpgradesFact } from "../facts/upgrades.ts";
import { HostFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";
import type { Budget, Step } from "./plan.ts";

interface UpgradeFacts {
  readonly packages: Readonly<Record<string, string | undefined>>;
  readonly upgrades: UpgradesFact;
}

/** What a host could have newer of what is kept there, whether anybody wants it or not. */
export function availableUpgrades({ upgrades: kept }: DesiredHost, facts: UpgradeFacts): readonly PackageUpgrade[] {
  return (kept?.names ?? []).flatMap((name) => {
    const [from, to] = [facts.packages[name], facts.upgrades.newer[name]];
    return from === undefined || to === undefined || from === to ? [] : [{ name, from, to }];
  });
}

/** The same, where they are to be installed. */
export function wantedUpgrades(desired: DesiredHost, facts: UpgradeFacts): readonly PackageUpgrade[] {
  return availableUpgrades(desired, facts).filter(
    ({ name }) => desired.upgrades?.isAutomatic === true || desired.packages.versions?.[name] !== undefined,
  );
}

/** Declared versions that a host does not have and that pgha cannot bring about: nothing is made older, or made up. */
export function versionFindings(
  resource: string,
  desired: DesiredHost,
  { packages, upgrades }: UpgradeFacts,
): Findings {
  const found = new HostFindings(resource, desired.host, "nothing");
  for (const [name, unmet] of Object.entries(upgrades.unmet)) {
    const [there, version] = [packages[name] ?? "another", desired.packages.versions?.[name] ?? ""];
    const asked = `${version}, which spec.packages.versions asks for`;
    if (unmet === "past")
      found.block(
        "PackageVersion",
        `${name} is ${there} there, newer than ${asked}`,
        `Write ${name}: ${there} into spec.packages.versions. pgha replaces no package by an older one.`,
      );
    else
      found.block(
        "PackageVersion",
        `${name} is ${there} there, and no package source of the host has ${asked}`,
        "Have its lists fetched (apt-get update), or correct spec.packages.versions by what there is: " +
          `apt-cache policy ${name}`,
      );
  }
  return found;
}

/**
 * Upgrades of a host of a pool, one host of the group after the other: the next begins once what runs on this one is
 * the new program. What clients notice of that is said here, before.
 */
export function poolUpgradeStep(
  resource: string,
  desired: DesiredHost,
  facts: UpgradeFacts,
  { notices, impact, budget }: Pick<Step, "impact"> & { readonly notices: readonly Notice[]; readonly budget: Budget },
): readonly Step[] {
  const upgrades = wantedUpgrades(desired, facts);
  if (upgrades.length === 0) return [];
  const { host, packages } = desired;
  return [
    {
      id: `${host}/${resource}/upgrade`,
      resource,
      host,
      stage: "services",
      ...noticing(impact, notices),
      change: {
        kind: "upgrade-packages",
        upgrades,
        units: upgrades.flatMap(({ name }) => packages.services[name] ?? []),
      },
      because: WHY_UPGRADE,
      budget,
    },
  ];
}

export const WHY_UPGRADE = "its package sources have the newer version that spec.packages asks for";

/** For a status: package to version. Left out where there is nothing newer. */
export function upgradesForStatus(
  desired: DesiredHost,
  facts: UpgradeFacts,
): { readonly upgrades?: Readonly<Record<string, string>> } {
  const available = availableUpgrades(desired, facts);
  return available.length === 0 ? {} : { upgrades: Object.fromEntries(available.map(({ name, to }) => [name, to])) };
}
