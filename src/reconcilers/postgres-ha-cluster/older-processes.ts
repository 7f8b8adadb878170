import { upgradesInWords } from "../../changes/upgrade-packages.ts";
import type { PackageUpgrade } from "../../changes/upgrade-packages.ts";
import { PROGRAM } from "../../desired/notes.ts";
import { PATRONI } from "../../desired/services.ts";
import { isOutdated, startedFromOthers, whyOutdated } from "../../plan/services.ts";
import { wantedUpgrades } from "../../plan/upgrades.ts";
import { whyForeseen } from "../container.ts";
import { list } from "../../text/words.ts";
import type { DesiredCluster } from "./desire.ts";
import { versionText } from "./member-status.ts";
import type { ClusterFacts } from "./observe.ts";

/**
 * How a member's Patroni is older than what lies on its disk: from a unit that was changed since, or a package that was
 * upgraded since. Undefined where it is not, or says nothing.
 */
export function olderPatroni(desired: DesiredCluster, name: string, facts: ClusterFacts): string | undefined {
  const { packages, patroni, units, dcs } = facts;
  const member = desired.members.find((one) => one.name === name);
  if (member === undefined || !patroni.answers) return undefined;
  // Of an image that nobody brings nobody knows what would be older.
  if (member.ground === "not known") return foreseenPatroni(desired, facts);
  const { service, startDigest } = member;
  const unit = units[PATRONI.unit];
  if (unit !== undefined && isOutdated({ ...service, startedFrom: {} }, unit))
    return unit.image === service.image ? "Patroni runs since before its unit was changed" : whyOutdated(service, unit);
  // What it was started with on purpose, and cannot be any more, is told as that: StartSettingsChanged.
  const others = unit === undefined ? [] : startedFromOthers(service, unit);
  const unmeant = others.filter(
    (path) => path !== PATRONI.startFile || [undefined, startDigest].includes(dcs.startDigest),
  );
  if (unmeant.length > 0) return `Patroni was started while ${list(unmeant)} said something else`;
  const older = olderInWords("Patroni", patroni.member?.patroniVersion, packages["patroni"]);
  return (
    older ?? (unit?.startedFrom?.[PROGRAM] === undefined ? undefined : "Patroni was upgraded since it was started")
  );
}

/** Why a member will be restarted for an image that is still to come to its host. */
export function foreseenPatroni({ resolved }: DesiredCluster, facts: ClusterFacts): string | undefined {
  return whyForeseen(resolved.ground, facts, facts.units[PATRONI.unit]);
}

/** "PostgreSQL 17.4 runs, and 17.5 is installed"; undefined where what is installed runs, or neither is known. */
export function olderPostgresql({ resolved }: DesiredCluster, facts: ClusterFacts): string | undefined {
  const { packages, sql, dataDirectory } = facts;
  const { version } = resolved.cluster.spec.postgresql;
  const runs = sql === undefined ? undefined : versionText(sql.serverVersion);
  const older = olderInWords("PostgreSQL", runs, packages[`postgresql-${version}`]);
  return older ?? (dataDirectory.isReplaced === true ? "PostgreSQL was upgraded since it was started" : undefined);
}

/**
 * Packages that are to be upgraded on a member, with what runs from them as it will then be: older than what is
 * installed.
 */
export function upgradesOf(
  { members }: DesiredCluster,
  name: string,
  facts: ClusterFacts,
): { readonly upgrades: readonly PackageUpgrade[]; readonly older?: string; readonly olderService?: string } {
  const host = members.find((member) => member.name === name)?.host;
  const upgrades = host === undefined ? [] : wantedUpgrades(host, facts);
  const isService = ({ name: of }: PackageUpgrade): boolean => of === PATRONI.package;
  const [service, others] = [upgrades.filter(isService), upgrades.filter((one) => !isService(one))];
  return {
    upgrades,
    ...(others.length === 0 ? {} : { older: `to be upgraded: ${upgradesInWords(others)}` }),
    ...(service.length === 0 ? {} : { olderService: `to be upgraded: ${upgradesInWords(service)}` }),
  };
}

function olderInWords(program: string, runs: string | undefined, debian: string | undefined): string | undefined {
  const installed = upstreamOf(debian);
  return runs === undefined || installed === undefined || runs === installed
    ? undefined
    : `${program} ${runs} runs, and ${installed} is installed`;
}

/** The upstream part of a Debian version: 17.4 of 1:17.4-1.pgdg13+2. */
function upstreamOf(debian: string | undefined): string | undefined {
  return debian === undefined ? undefined : /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(debian)?.[1];
}
