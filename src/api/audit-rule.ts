import { posix } from "node:path";
import { shown } from "./shown.ts";

/** A rule of the kernel's audit, apart from the key by which pgha knows its own. */
export interface AuditRule {
  /** What is watched by -w, without a slash at its end; undefined where it is a rule about system calls. */
  readonly watch?: string;
  /** auditctl's words, without what is watched: `-p wa -k identity`. */
  readonly words: string;
  /** Folders without which the kernel does not take it. */
  readonly needs: readonly string[];
}

export interface AuditFault {
  readonly message: string;
  readonly wayOut: string;
}

/**
 * Stand at every rule of pgha's own, and at those that it tries. auditctl looks for a key anywhere in a rule's, so
 * neither may be in another one.
 */
export const AUDIT_KEYS = { own: "pgha-baseline", trial: "pgha-trial" } as const;

/** A rule as auditctl(8) takes it in a file, or why pgha does not. */
export function auditRule(line: string): AuditRule | AuditFault {
  const faultOfText = textFault(line);
  if (faultOfText !== undefined) return faultOfText;
  const [first = "", ...others] = line.trim().split(/ +/);
  if (first !== "-w" && first !== "-a" && first !== "-A") return noRule(first);
  const options = optionsOf([first, ...others]);
  if ("message" in options) return options;
  return first === "-w" ? watchOf(options) : syscallsOf(options);
}

export function isAuditFault(found: AuditRule | AuditFault): found is AuditFault {
  return "message" in found;
}

/** As it stands in a file; two that are the same rule are the same text, as far as pgha can tell. */
export function auditLine({ watch, words }: Pick<AuditRule, "watch" | "words">): string {
  return watch === undefined ? words : `-w ${watch} ${words}`.trimEnd();
}

type Option = readonly [name: string, value: string];

const FIRST: AuditFault["wayOut"] = "write a rule that begins with -w, -a or -A, as in audit.rules(7)";

function textFault(line: string): AuditFault | undefined {
  if (/["'`\\]/.test(line))
    return { message: "has a quote or a backslash, which auditctl takes as they are", wayOut: "take it out" };
  return /^[!-~ ]+$/.test(line)
    ? undefined
    : { message: "is not one line of plain ASCII", wayOut: `${FIRST}; each is an item of the list` };
}

/** What changes the audit as a whole, or takes rules away. */
function noRule(first: string): AuditFault {
  if (/^-(?:[DebfdWrsclimtqvR]|-[a-z_-]+)$/.test(first))
    return {
      message: `begins with ${shown(first)}, which is no rule: it takes rules away, or sets the audit as a whole`,
      wayOut: `${FIRST}; what is about the whole belongs in a file of your own in /etc/audit/rules.d`,
    };
  return { message: `begins with ${shown(first)}, which is no rule`, wayOut: FIRST };
}

function optionsOf(words: readonly string[]): readonly Option[] | AuditFault {
  const all: Option[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [name = "", value] = words.slice(at, at + 2);
    const known = all.length === 0 ? [name] : all[0]?.[0] === "-w" ? ["-p", "-k"] : ["-F", "-S", "-C", "-k"];
    const why = value === undefined ? "lacks what it is about" : FORMS[name]?.(value);
    if (!known.includes(name))
      return { message: `has ${shown(name)} where one of ${known.join(", ")} is wanted`, wayOut: LOOK_UP };
    if (value === undefined || why !== undefined)
      return { message: `has ${name}${value === undefined ? "" : ` ${shown(value)}`}, which ${why}`, wayOut: LOOK_UP };
    all.push([name, value]);
  }
  return all;
}

const LOOK_UP = "look it up in audit.rules(7)";

const FIELDS = new Set(
  [
    "a0 a1 a2 a3 arch auid devmajor devminor dir egid euid exe exit filetype fsgid fsuid gid inode key loginuid",
    "obj_gid obj_lev_high obj_lev_low obj_role obj_type obj_uid obj_user path perm pers pid ppid saddr_fam sessionid",
    "sgid subj_clr subj_role subj_sen subj_type subj_user success suid uid",
  ].flatMap((names) => names.split(" ")),
);

const FIELD = /^([a-z0-9_]+)(!=|<=|>=|&=|=|<|>|&)([A-Za-z0-9_./:@+,-]+)$/;

/** Why the value of an option is none. */
const FORMS: Readonly<Record<string, (value: string) => string | undefined>> = {
  "-w": pathFault,
  "-a": listFault,
  "-A": listFault,
  "-p": (value) => (/^[rwxa]{1,4}$/.test(value) ? undefined : "is not made of r, w, x and a"),
  "-k": keyFault,
  "-S": (value) => (/^(?:all|[a-z0-9_]+(?:,[a-z0-9_]+)*)$/.test(value) ? undefined : "names no system calls"),
  "-C": (value) => (/^[a-z_]+!?=[a-z_]+$/.test(value) ? undefined : "compares no two fields"),
  "-F": (value) => {
    const [, name = "", sign, what = ""] = FIELD.exec(value) ?? [];
    if (sign === undefined) return "is no field, sign and value";
    if (!FIELDS.has(name)) return "has a field that pgha does not know";
    if (name === "key") return keyFault(what);
    return ["path", "dir", "exe"].includes(name) ? pathFault(what) : undefined;
  },
};

function pathFault(path: string): string | undefined {
  if (!/^\/[A-Za-z0-9_./:@+,=-]+$/.test(path)) return "is no path from / on, in plain letters";
  return posix.normalize(path) === path ? undefined : "is not the shortest form of that path";
}

const ACTIONS = new Set(["always", "never"]);

/** pgha knows its own rules by a key, and the kernel takes one in this list alone. */
function listFault(value: string): string | undefined {
  const words = value.split(",");
  if (words.length !== 2 || words.filter((word) => ACTIONS.has(word)).length !== 1) return "is no action and list";
  return words.includes("exit") ? undefined : "is about another list than exit; that belongs in a file of your own";
}

function keyFault(key: string): string | undefined {
  if (!/^[A-Za-z0-9_.:@-]{1,64}$/.test(key)) return "is no key of letters, digits and _ . : @ -";
  return Object.values(AUDIT_KEYS).some((own) => key.includes(own)) ? "is pgha's own key" : undefined;
}

function watchOf(all: readonly Option[]): AuditRule {
  const watch = (all[0]?.[1] ?? "").replace(/\/$/, "");
  const perms = ["r", "w", "x", "a"].filter((one) => all.some(([name, value]) => name === "-p" && value.includes(one)));
  const words = [...(perms.length === 0 ? [] : ["-p", perms.join("")]), ...keysOf(all)];
  return { watch, words: words.join(" "), needs: [posix.dirname(watch)] };
}

/** auditctl wants the architecture before the system calls, and a key behind something that it is about. */
function syscallsOf(all: readonly Option[]): AuditRule {
  const [where, list] = all[0] ?? ["", ""];
  const fields = all.filter(([name, value]) => (name === "-F" && !value.startsWith("key=")) || name === "-C");
  const isArch = ([, value]: Option): boolean => value.startsWith("arch");
  const calls = [...new Set(all.filter(([name]) => name === "-S").flatMap(([, value]) => value.split(",")))];
  const placed = fields.flatMap(([, value]) => /^(path|dir|exe)=(.*)$/.exec(value)?.slice(1, 3) ?? []);
  const isAboutFile = fields.some(([, value]) => /^(?:path|dir)=/.test(value));
  const action = list.split(",").find((word) => word !== "exit") ?? "";
  const words = [
    where,
    `${action},exit`,
    ...fields.filter(isArch).flat(),
    ...(calls.length > 0 ? ["-S", calls.toSorted().join(",")] : isAboutFile ? [] : ["-S", "all"]),
    ...fields.filter((field) => !isArch(field)).flat(),
    ...keysOf(all),
  ];
  const needs = placed.flatMap((word, at) =>
    at % 2 === 1 ? [] : [word === "dir" ? (placed[at + 1] ?? "") : posix.dirname(placed[at + 1] ?? "")],
  );
  return { words: words.join(" "), needs };
}

function keysOf(all: readonly Option[]): readonly string[] {
  return all.flatMap(([name, value]) =>
    name === "-k" ? ["-k", value] : name === "-F" && value.startsWith("key=") ? ["-k", value.slice("key=".length)] : [],
  );
}
