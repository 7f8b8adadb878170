import type { Look } from "../facts/fact.ts";
import type { NameFact } from "../facts/names.ts";
import { HostFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";
import type { Blocker } from "./plan.ts";

interface NamesWish {
  readonly resource: string;
  readonly scope: Blocker["scope"];
  /** Names of hosts that are to serve. Left out, all names that were asked for. */
  readonly hosts?: readonly string[];
  /** What pg_hba.conf has for names, whatever they mean now. */
  readonly inHba?: ReadonlyMap<string, readonly string[]>;
  /** Names in lines of pg_hba.conf that a person wrote, where an address has to lead back to its name. */
  readonly inLines?: readonly string[];
  /** Names and addresses of machines that must not be one and the same. */
  readonly members?: readonly string[];
}

type Looks = ReadonlyMap<string, Look<{ readonly names?: readonly NameFact[] }>>;

const BY_ADDRESS = "write the hosts' addresses into the manifest instead of their names";

/** Whether names mean the same on every host, and nothing that only the host itself can reach. */
export function nameResolution(wish: NamesWish, looks: Looks): readonly Findings[] {
  const seen = [...looks].flatMap(([host, look]) => (look.seen ? [{ host, names: look.facts.names ?? [] }] : []));
  return seen.map(({ host, names }) => {
    const found = new HostFindings(wish.resource, host, wish.scope);
    for (const fact of names) {
      if ((wish.inLines ?? []).includes(fact.name)) judgeLine(found, fact);
      if (wish.hosts?.includes(fact.name) === false) continue;
      const loopback = fact.addresses.filter(isLoopback);
      const other = seen.find((one) => contradicts(one.names, fact));
      const same = sameMachine(wish.members ?? [], names, fact);
      if (fact.addresses.length === 0)
        found.block(
          "NameResolution",
          `it does not know the name ${fact.name}${keeping(wish, fact)}`,
          `Add ${fact.name} to DNS or to /etc/hosts on ${host} (getent ahosts ${fact.name} shows what ` +
            `counts), or ${BY_ADDRESS}.`,
        );
      else if (loopback.length > 0)
        found.block(
          "NameResolution",
          `the name ${fact.name} is ${loopback.join(" and ")} there, which nobody else can reach: services ` +
            `would bind to it${where(fact)}${keeping(wish, fact)}`,
          `On ${host}, ${fact.hostsFile === "" ? "in DNS or /etc/hosts" : "in /etc/hosts"}, give ` +
            `${fact.name} the address that others reach it by, or ${BY_ADDRESS}.`,
        );
      else if (other !== undefined)
        found.block(
          "NameResolution",
          `the name ${fact.name} is ${fact.addresses.join(" and ")} there and another address on ` +
            `${other.host}${where(fact)}`,
          `Make getent ahosts ${fact.name} say the same on every host, or ${BY_ADDRESS}.`,
        );
      else if (same !== undefined)
        found.block(
          "NameResolution",
          `${same} and ${fact.name} both are ${fact.addresses.join(" and ")} there, and two members cannot ` +
            `be one machine${where(fact)}`,
          `Make getent ahosts ${fact.name} say the address of that member, in DNS or /etc/hosts, or ${BY_ADDRESS}.`,
        );
    }
    return found;
  });
}

/** A host may know a part of the addresses only (no IPv6); none in common is a contradiction. */
function contradicts(names: readonly NameFact[], fact: NameFact): boolean {
  const other = names.find(({ name }) => name === fact.name);
  return (
    other !== undefined &&
    other.addresses.length > 0 &&
    !other.addresses.some((address) => isLoopback(address) || fact.addresses.includes(address))
  );
}

/** Another member, listed before, that this name leads to as well. */
function sameMachine(members: readonly string[], names: readonly NameFact[], fact: NameFact): string | undefined {
  if (!members.includes(fact.name)) return undefined;
  return members
    .slice(0, members.indexOf(fact.name))
    .find((one) =>
      (names.find(({ name }) => name === one)?.addresses ?? [one]).some((address) => fact.addresses.includes(address)),
    );
}

/** A line with a name that does not hold both ways is for nobody: one that rejects, too. */
function judgeLine(found: HostFindings, fact: NameFact): void {
  const { name, addresses, namesOfThose } = fact;
  if (addresses.length > 0 && namesOfThose.some((back) => back.toLowerCase() === name.toLowerCase())) return;
  const why =
    addresses.length === 0
      ? `it does not know the name ${name}`
      : `${addresses.join(" and ")}, the address of ${name}, leads back to ${namesOfThose.join(" and ") || "no name"}`;
  found.warn(
    "NameResolution",
    `${why} there, so that no connection matches the line of postgresql.additionalHba with ` +
      `${name}${where(fact)}; make getent hosts ADDRESS say ${name} first, or write the address into the line`,
  );
}

/** Members and pools go on being let in, by the addresses that they had. */
function keeping({ inHba }: NamesWish, { name }: NameFact): string {
  const kept = inHba?.get(name) ?? [];
  return kept.length === 0 ? "" : `; pg_hba.conf goes by ${kept.join(" and ")} for it`;
}

function where({ hostsFile }: NameFact): string {
  return hostsFile === "" ? "" : ` (/etc/hosts, line ${hostsFile})`;
}

/** An address that a host has for itself alone. */
export function isLoopback(address: string): boolean {
  return /^127\.|^::1$/.test(address);
}
