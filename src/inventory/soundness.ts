import { isIP, isIPv4 } from "node:net";
import { shown } from "../api/shown.ts";
import type { Problem } from "../errors.ts";
import { shownHost } from "./row.ts";
import type { InventoryHost } from "./row.ts";

/**
 * What speaks against using these hosts of an inventory: each by itself, against the other choice, and against the rest
 * of the file.
 */
export function hostProblems(
  databases: readonly InventoryHost[],
  proxies: readonly InventoryHost[],
  all: readonly InventoryHost[],
  file: string,
): readonly Problem[] {
  const chosen = [...databases, ...proxies];
  const both = databases.filter((host) => proxies.includes(host));
  return [
    ...both.map((host): Problem => ({
      resource: "--proxies",
      path: "",
      message: `${host.name} is a database host already, and PostgreSQL and HAProxy both want port 5432`,
      wayOut: "choose other hosts for one of the two",
    })),
    ...[...new Set(chosen)].flatMap((host) =>
      problemsOf(host, all).map((problem): Problem => ({ resource: file, path: `line ${host.line}`, ...problem })),
    ),
  ];
}

/** The name that a host has in the manifest: the first label of the inventory's, in lower case. */
export function manifestName(host: InventoryHost): string {
  return host.name.toLowerCase().split(".")[0] ?? "";
}

type Finding = Pick<Problem, "message"> & { readonly wayOut: string };

function problemsOf(host: InventoryHost, all: readonly InventoryHost[]): readonly Finding[] {
  const findings: Finding[] = [];
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(manifestName(host))) {
    findings.push({
      message: `the host name ${shown(host.name)} is no DNS name`,
      wayOut: "use letters, digits and hyphens",
    });
  }
  if (host.address === "") {
    findings.push({ message: `${host.name} has no private address`, wayOut: "fill in IP_PRIVEE" });
  } else if (isIP(host.address) === 0) {
    findings.push({
      message: `the private address of ${host.name} is ${shown(host.address)}, which is no IP address`,
      wayOut: "correct it; a TAB too many or too few shifts the columns",
    });
  } else if (isLocal(host.address)) {
    findings.push({
      message: `the private address of ${host.name} is ${host.address}, which other hosts cannot reach`,
      wayOut: "give the address that the other hosts use",
    });
  } else {
    const twins = all.filter((other) => other !== host && other.address === host.address);
    findings.push(
      ...twins.map((twin) => ({
        message: `${host.name} has the same private address as ${shownHost(twin)}`,
        wayOut: "correct the inventory: pgha must not touch the wrong one",
      })),
    );
  }
  const namesakes = all.filter(
    (other) =>
      other !== host &&
      other.env === host.env &&
      other.name.toLowerCase() !== host.name.toLowerCase() &&
      manifestName(other) === manifestName(host),
  );
  findings.push(
    ...namesakes.map((other) => ({
      message: `${host.name} and ${other.name} are alike up to the first dot`,
      wayOut: "give one of them another name",
    })),
  );
  if (host.user !== "" && !/^[A-Za-z_][A-Za-z0-9._-]{0,31}$/.test(host.user)) {
    findings.push({
      message: `the SSH user of ${host.name} is ${shown(host.user)}`,
      wayOut: "correct USER_SSH, or give one for all with --ssh-user",
    });
  }
  return findings;
}

function isLocal(address: string): boolean {
  return isIPv4(address)
    ? /^(127|0|22[4-9]|23\d|24\d|25\d)\./.test(address)
    : /^(::1?|f[e][89ab].*|ff.*)$/i.test(address);
}

/** Whether so many members are a cluster; one is, for whoever asks for it. */
export function memberProblems(members: number, single: boolean): readonly Problem[] {
  if ((members >= 3 && members % 2 === 1) || (members === 1 && single)) {
    return [];
  }
  const message =
    `${members} database ${members === 1 ? "host is" : "hosts are"} no highly available cluster: it ` +
    "takes an odd number and at least 3, so that a majority is left when one fails";
  return [
    {
      resource: "--db",
      path: "",
      message,
      wayOut: members === 1 ? "name 3 hosts, or say --allow-single-member for a trial" : "name 3 or 5 hosts",
    },
  ];
}
