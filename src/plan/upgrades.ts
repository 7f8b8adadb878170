import type { PackageUpgrade } from "../changes/upgrade-packages.ts";
import type { DesiredHost } from "../desired/host.ts";
import { noticing } from "./notices.ts";
import type { Notice } from "./notices.ts";
import type { Budget, Step } from "./plan.ts";

interface UpgradeFacts {
  readonly packages: Readonly<Record<string, string | undefined>>;
  readonly upgrades: Readonly<Record<string, string>>;
}

/** What a host could have newer of what is kept there, whether anybody wants it or not. */
export function availableUpgrades({ upgrades: kept }: DesiredHost, facts: UpgradeFacts): readonly PackageUpgrade[] {
  return (kept?.names ?? []).flatMap((name) => {
    const [from, to] = [facts.packages[name], facts.upgrades[name]];
    return from === undefined || to === undefined || from === to ? [] : [{ name, from, to }];
  });
}

/** The same, where they are to be installed. */
export function wantedUpgrades(desired: DesiredHost, facts: UpgradeFacts): readonly PackageUpgrade[] {
  return desired.upgrades?.isAutomatic === true ? availableUpgrades(desired, facts) : [];
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

export const WHY_UPGRADE = "its package sources have a newer version, and spec.packages.upgrade is Automatic";

/** For a status: package to version. Left out where there is nothing newer. */
export function upgradesForStatus(
  desired: DesiredHost,
  facts: UpgradeFacts,
): { readonly upgrades?: Readonly<Record<string, string>> } {
  const available = availableUpgrades(desired, facts);
  return available.length === 0 ? {} : { upgrades: Object.fromEntries(available.map(({ name, to }) => [name, to])) };
}
