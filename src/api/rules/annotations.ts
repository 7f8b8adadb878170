import { ANNOTATIONS, approvalIn, listIn, restartIn, switchoverIn, timeIn } from "../annotations.ts";
import { GROUP } from "../kinds.ts";
import type { Kind, PostgresHACluster, Resource } from "../kinds.ts";
import { hostsOf } from "../places.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { warning, type Finding } from "./finding.ts";

/** The command line heeds none of them, and tells of those that the operator would not heed. */
export function* annotationRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) {
    const { annotations = {}, labels = {} } = resource.metadata;
    const { kind } = resource;
    const found = ignoredAnnotations({
      kind,
      annotations,
      labels,
      hosts: () => resources.flatMap((one) => hostsOf(one).map(({ name }) => name)),
      roles: () => (resource.kind === "PostgresHACluster" ? loginsOf(resource) : undefined),
      nowMs: Date.now(),
    });
    for (const { name, message, wayOut } of found) yield warning(resource, `metadata ${name}`, message, wayOut);
  }
}

/** Roles that log in. */
export function loginsOf({ spec }: PostgresHACluster): readonly string[] {
  return spec.roles.filter(({ login }) => login).map(({ name }) => name);
}

/** What rules about annotations go by; the spec may be one that cannot be read. */
export interface Annotated {
  readonly kind: Kind;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of hosts, of this resource and of others that may be given the same annotation. */
  readonly hosts: () => readonly string[];
  /** Roles that log in, as far as they are known. */
  readonly roles: () => readonly string[] | undefined;
  readonly nowMs: number;
}

/** An annotation that is not heeded, or not as its author may think: `message` goes on from its name. */
export interface IgnoredAnnotation {
  readonly name: string;
  readonly message: string;
  readonly wayOut: string;
}

/**
 * What somebody wrote to us and nothing comes of: a name that is none of ours, or a value that is not written as asked.
 */
export function ignoredAnnotations(resource: Annotated): readonly IgnoredAnnotation[] {
  const found: IgnoredAnnotation[] = [];
  for (const [name, value] of Object.entries(resource.annotations)) {
    const rule = RULES.get(name);
    const ignored = rule === undefined ? misnamed(name) : misused(rule, value, resource);
    if (ignored !== undefined) found.push({ name, ...ignored });
  }
  for (const name of Object.keys(resource.labels)) {
    const meant = RULES.has(name) ? name : name.includes("/") ? misnamed(name)?.meant : undefined;
    if (meant !== undefined)
      found.push({ name, message: "is a label, which nobody heeds", wayOut: `write it as the annotation ${meant}` });
  }
  return found;
}

type Verdict = Omit<IgnoredAnnotation, "name"> | undefined;

interface Rule {
  /** Left out: all of them. */
  readonly kind?: Kind;
  readonly judge: (value: string, resource: Annotated) => Verdict;
}

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [ANNOTATIONS.paused, { judge: onOrOff }],
  [ANNOTATIONS.observeOnly, { judge: onOrOff }],
  [ANNOTATIONS.forceFinalize, { judge: onOrOff }],
  [ANNOTATIONS.outsideWindows, { kind: "PostgresHACluster", judge: onOrOff }],
  [ANNOTATIONS.reconcileAt, { judge: aTime }],
  [ANNOTATIONS.restartAt, { kind: "PostgresHACluster", judge: aRestart }],
  [ANNOTATIONS.switchoverTo, { kind: "PostgresHACluster", judge: aSwitchover }],
  [ANNOTATIONS.acceptHostKey, { judge: approved }],
  [ANNOTATIONS.rotatePassword, { kind: "PostgresHACluster", judge: roles }],
  [ANNOTATIONS.forgetHost, { judge: (value) => (listIn(value).length === 0 ? nothing("HOST") : undefined) }],
]);

function misused({ kind, judge }: Rule, value: string, resource: Annotated): Verdict {
  if (kind !== undefined && kind !== resource.kind)
    return { message: `means nothing on a ${resource.kind}`, wayOut: `write it on the ${kind}` };
  return judge(value, resource);
}

/** A name in our domain, or in one that looks like it, that we do not know; `meant` where it is clear which of ours. */
function misnamed(name: string): (NonNullable<Verdict> & { readonly meant?: string }) | undefined {
  const [, domain = "", word = ""] = /^(?:([^/]*)\/)?(.*)$/.exec(name) ?? [];
  const words = [...RULES.keys()].map((known) => known.slice(GROUP.length + 1));
  const isOurs = domain.toLowerCase() === GROUP;
  // Without a domain it may be anybody's, unless it is the very word.
  const near = domain === "" ? words.find((known) => known === word) : closest(word, words);
  if (!isOurs && domain !== "" && closest(domain, [GROUP]) === undefined && !/pgha|keybuzz/i.test(domain))
    return undefined;
  if (!isOurs && near === undefined) return undefined;
  const message = "is no annotation of pgha's, and is not heeded";
  if (near === undefined)
    return { message, wayOut: `those are ${words.map((known) => `${GROUP}/${known}`).join(", ")}` };
  const meant = `${GROUP}/${near}`;
  return { message, wayOut: `did you mean ${meant}?`, meant };
}

const MEANT: ReadonlyMap<string, "true" | "false"> = new Map([
  ...["true", "yes", "on", "1", "y", "t", "enabled"].map((word) => [word, "true"] as const),
  ...["false", "no", "off", "0", "n", "f", "disabled"].map((word) => [word, "false"] as const),
]);

function onOrOff(value: string): Verdict {
  if (value === "true" || value === "false") return undefined;
  const word = value.trim().toLowerCase();
  const meant = MEANT.get(word) ?? closest(word, ["true", "false"]);
  return {
    message: `is ${shown(value)}, which is not heeded`,
    wayOut: meant === undefined ? 'write "true", or take it off' : `did you mean "${meant}"?`,
  };
}

/** Longer ahead than clocks differ. */
const AHEAD_MS = 300_000;

function aTime(value: string, { nowMs }: Annotated): Verdict {
  const wayOut = "write the time of writing, such as reconcile-at=$(date +%s)";
  const time = timeIn(value);
  if (time === undefined) {
    if (/^\d+$/.test(value)) return undefined;
    return { message: `is ${shown(value)}, which is no time: written once more it would be nothing new`, wayOut };
  }
  if (time > nowMs + AHEAD_MS)
    return { message: `is ${shown(value)}, which is to come: it was looked at once, and nothing happens then`, wayOut };
  return undefined;
}

function aRestart(value: string, { nowMs }: Annotated): Verdict {
  const wayOut =
    "write the time of writing, such as restart-at=$(date +%s) for every member, restart-at=pending-$(date " +
    "+%s) for those that wait for it";
  const asked = restartIn(value);
  if (asked === undefined) return { message: `is ${shown(value)}, which asks for no restart`, wayOut };
  return asked.timeMs !== undefined && asked.timeMs > nowMs + AHEAD_MS
    ? { message: `is ${shown(value)}, which is to come: nothing restarts before`, wayOut: `to restart now, ${wayOut}` }
    : undefined;
}

function approved(value: string, { hosts }: Annotated): Verdict {
  const entries = listIn(value);
  if (entries.length === 0) return nothing("HOST=SHA256:...");
  for (const entry of entries) {
    const approval = approvalIn(entry);
    if (approval === undefined)
      return {
        message: `has ${shown(entry)}, which approves nothing`,
        wayOut:
          "write HOST=SHA256:... as the message about that host shows it, HOST=machine:ID with the 32 digits of its " +
          "/etc/machine-id, or HOST=volume:UUID",
      };
    const unknown = unknownOf(approval.host, hosts(), "host");
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function roles(value: string, resource: Annotated): Verdict {
  const names = listIn(value);
  const known = resource.roles();
  if (names.length === 0) return nothing("ROLE");
  if (known === undefined) return undefined;
  return names
    .map((name) => unknownOf(name, known, "role of spec.roles that logs in"))
    .find((each) => each !== undefined);
}

function unknownOf(name: string, known: readonly string[], what: string): Verdict {
  if (known.includes(name)) return undefined;
  const meant = closest(name, known);
  const list = known.length === 0 ? "there is none" : `there are ${known.join(", ")}`;
  return {
    message: `names ${shown(name)}, which is no ${what}`,
    wayOut: meant === undefined ? list : `did you mean ${meant}?`,
  };
}

function aSwitchover(value: string, { hosts }: Annotated): Verdict {
  const asked = switchoverIn(value);
  const members = hosts();
  if (asked !== undefined && (asked.to === undefined || members.includes(asked.to))) return undefined;
  const near = asked?.to === undefined ? undefined : closest(asked.to, [...members, "any"]);
  return {
    message: `is ${shown(value)}, which names no member`,
    wayOut: near === undefined ? "write switchover-to=HOST, or any" : `did you mean ${near}?`,
  };
}

function nothing(form: string): NonNullable<Verdict> {
  return { message: "names nothing", wayOut: `write ${form}, several separated by commas, or take it off` };
}
