import type { HostChange } from "../../src/changes/table.ts";
import { AUDIT } from "../../src/desired/audit.ts";
import type { AuditFact } from "../../src/facts/audit.ts";
import type { ModelHost } from "./model-host.ts";

/** How the kernel of a host of a model audits. */
export const AUDITS: AuditFact = {
  refusal: undefined,
  switched: "on",
  loaded: undefined,
  listed: 0,
  refused: undefined,
  waits: false,
  left: false,
  folders: ["/", "/etc", "/etc/ssh", "/etc/sudoers.d", "/etc/audit", "/etc/modprobe.d", "/etc/patroni", "/etc/pgha"],
};

/** Whether it was a change of what a host audits, which is taken then. */
export function takeOnAudit(host: ModelHost, change: HostChange): boolean {
  const { base } = host;
  if (change.kind === "remove-audit") {
    base.audit = { ...base.audit, loaded: undefined, listed: 0, refused: undefined, waits: false, left: false };
    return true;
  }
  if (change.kind !== "load-audit") return false;
  const { content, digest, rules, when } = change;
  const now = when === "now" ? { switched: "on" as const, loaded: digest, listed: rules, refused: undefined } : {};
  base.audit = { ...base.audit, ...now, waits: when === "boot", left: true };
  host.write(AUDIT.file, { content, owner: "root", group: "root", mode: AUDIT.mode });
  return true;
}
