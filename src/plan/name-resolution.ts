import type { Look } from "../facts/fact.ts";
import type { NameFact } from "../facts/names.ts";
import { HostFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";
import type { Blocker } from "./plan.ts";

interface NamesWish {
  readonly resource: string;
  readonly scope: Blocker["scope"];
  /** Names that stand in pg_hba.conf, where an address has to lead back to its name. */
  readonly inHba: readonly string[];
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
      const loopback = fact.addresses.filter(isLoopback);
      const other = seen.find((one) => contradicts(one.names, fact));
      const same = sameMachine(wish.members ?? [], names, fact);
      if (fact.addresses.length === 0)
        found.block(
          "NameResolution",
          `it does not know the name ${fact.name}`,
          `Add ${fact.name} to DNS or to /etc/hosts on ${host} (getent ahosts ${fact.name} shows what counts), or ${BY_ADDRESS}.`,
        );
      else if (loopback.length > 0)
        found.block(
          "NameResolution",
          `the name ${fact.name} is ${loopback.join(" and ")} there, which nobody else can reach: services would bind to it${where(fact)}`,
          `On ${host}, ${fact.hostsFile === "" ? "in DNS or /etc/hosts" : "in /etc/hosts"}, give ${fact.name} the address that others reach it by, or ${BY_ADDRESS}.`,
        );
      else if (other !== undefined)
        found.block(
          "NameResolution",
          `the name ${fact.name} is ${fact.addresses.join(" and ")} there and another address on ${other.host}${where(fact)}`,
          `Make getent ahosts ${fact.name} say the same on every host, or ${BY_ADDRESS}.`,
        );
      else if (same !== undefined)
        found.block(
          "NameResolution",
          `${same} and ${fact.name} both are ${fact.addresses.join(" and ")} there, and two members cannot be one machine${where(fact)}`,
          `Make getent ahosts ${fact.name} say the address of that member, in DNS or /etc/hosts, or ${BY_ADDRESS}.`,
        );
      else if (wish.inHba.includes(fact.name) && !leadsBack(fact)) {
        const why = `${fact.addresses.join(" and ")}, the address of ${fact.name}, leads back to ${fact.namesOfThose.join(" and ") || "no name"}, so PostgreSQL there lets nobody in by that name`;
        // A cluster that serves may have lines of its own that let its members in.
        if (wish.scope === "everything")
          found.block(
            "NameResolution",
            why,
            `Make getent hosts ${fact.addresses[0]} say ${fact.name} first, in DNS or /etc/hosts, or ${BY_ADDRESS}.`,
          );
        else found.warn("NameResolution", why);
      }
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

function leadsBack({ name, namesOfThose }: NameFact): boolean {
  return namesOfThose.some((back) => back.toLowerCase() === name.toLowerCase());
}

function where({ hostsFile }: NameFact): string {
  return hostsFile === "" ? "" : ` (/etc/hosts, line ${hostsFile})`;
}

function isLoopback(address: string): boolean {
  return /^127\.|^::1$/.test(address);
}
