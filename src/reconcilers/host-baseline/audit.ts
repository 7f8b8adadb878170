import { posix } from "node:path";
import { auditLine, auditRule, isAuditFault } from "../../api/audit-rule.ts";
import type { AuditRule } from "../../api/audit-rule.ts";
import type { BaselineSpec } from "../../api/index.ts";
import { FIREWALL, PATRONI } from "../../desired/services.ts";
import { auditRulesFile } from "../../render/audit-rules.ts";
import { sha256 } from "../../render/digest.ts";

export interface DesiredAuditRule extends AuditRule {
  /** Where somebody wrote it down, and it is no default of ours: as it was written. */
  readonly asked?: string;
}

/** Files, and folders with all that is in them; what is not on a host is left out there. */
const WATCHED: Readonly<Record<string, readonly string[]>> = {
  identity: ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d/"],
  sshd: ["/etc/ssh/"],
  cluster: [`${posix.dirname(PATRONI.config)}/`, `${posix.dirname(FIREWALL.folder)}/`],
  modules: ["/etc/modules", "/etc/modules-load.d/", "/etc/modprobe.d/"],
  time: ["/etc/localtime", "/etc/timezone"],
  audit: ["/etc/audit/"],
};

/** System calls by either of the two architectures that a 64-bit kernel knows, by key. */
const CALLED: Readonly<Record<string, readonly string[]>> = {
  modules: ["-S delete_module,finit_module,init_module"],
  // What keeps a clock calls the latter all the time; people do so in a session.
  time: ["-S clock_settime,settimeofday", "-S adjtimex,clock_adjtime -F auid!=unset"],
};

/** What `auditd: {}` is about; docs/kinds/hostbaseline.md says so, and a test compares the two. */
export const AUDIT_DEFAULTS: readonly DesiredAuditRule[] = [
  ...Object.entries(WATCHED).flatMap(([key, paths]) =>
    paths.map((path): DesiredAuditRule => {
      const watch = path.replace(/\/$/, "");
      // A folder that is not there yet is nothing to watch; a file may come.
      return { watch, words: `-p wa -k ${key}`, needs: [path === watch ? posix.dirname(watch) : watch] };
    }),
  ),
  ...Object.entries(CALLED).flatMap(([key, calls]) =>
    calls.flatMap((call) =>
      ["b64", "b32"].map((arch) => ({ words: `-a always,exit -F arch=${arch} ${call} -k ${key}`, needs: [] })),
    ),
  ),
];

/** Defaults first, then what somebody wrote, which was judged before. */
export function desiredAudit(spec: BaselineSpec["auditd"]): readonly DesiredAuditRule[] | undefined {
  if (spec === undefined) return undefined;
  const own = (spec.rules ?? []).map((line): DesiredAuditRule => {
    const rule = auditRule(line);
    // The renderer takes none that was not judged.
    return isAuditFault(rule) ? { words: line, needs: [], asked: line } : { ...rule, asked: line };
  });
  return [...AUDIT_DEFAULTS, ...own];
}

/** Of which folders a host is to say whether they are there. */
export function foldersOf(rules: readonly DesiredAuditRule[]): readonly string[] {
  return [...new Set(rules.flatMap(({ watch, needs }) => [...needs, ...(watch === undefined ? [] : [watch])]))];
}

/** The rules of a host on which these folders are, and those that somebody asked for and that it cannot have yet. */
export function auditOn(
  rules: readonly DesiredAuditRule[],
  folders: readonly string[],
): {
  readonly content: string;
  readonly digest: string;
  readonly rules: number;
  readonly missing: readonly DesiredAuditRule[];
} {
  const there = new Set(folders);
  const canBe = ({ needs }: DesiredAuditRule): boolean => needs.every((folder) => there.has(folder));
  // The kernel watches a folder otherwise than a file: what becomes one is another rule.
  const lineOf = (rule: DesiredAuditRule): string =>
    rule.watch !== undefined && there.has(rule.watch)
      ? auditLine({ ...rule, watch: `${rule.watch}/` })
      : auditLine(rule);
  const lines = [...new Set(rules.filter(canBe).map(lineOf))];
  const content = auditRulesFile(lines);
  return {
    content,
    digest: sha256(content),
    rules: lines.length,
    missing: rules.filter((rule) => rule.asked !== undefined && !canBe(rule)),
  };
}
