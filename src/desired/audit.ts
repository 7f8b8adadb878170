import { AUDIT_KEYS } from "../api/audit-rule.ts";

/** What pgha has to do with a host's audit: rules of its own, known by a key, beside those of others. */
export const AUDIT = {
  /** augenrules(8) loads it at a boot, with all others there, by name. */
  file: "/etc/audit/rules.d/50-pgha.rules",
  mode: 0o640,
  key: AUDIT_KEYS.own,
  trialKey: AUDIT_KEYS.trial,
  folder: "/var/lib/pgha/audit",
  /** What auditctl is asked at a look: pgha's rules and how the audit is switched, in one process. */
  look: "/var/lib/pgha/audit/look",
  /** Digest of the rules that were loaded last, and below it what the kernel has of them. */
  loaded: "/var/lib/pgha/audit/loaded",
  /** Digest of rules of which the kernel refused one, and auditctl's words. */
  refused: "/var/lib/pgha/audit/refused",
  /** There until the next boot, where rules were written that a locked audit takes then. */
  waits: "/run/pgha/audit-waits",
} as const;
