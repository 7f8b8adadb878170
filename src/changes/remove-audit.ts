import { AUDIT } from "../desired/audit.ts";
import { script, sh } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface RemoveAudit {
  readonly kind: "remove-audit";
}

/**
 * Takes pgha's own rules out of the kernel, and what is noted of them: whatever others have stays. Where the audit is
 * locked, or is not there at all, they go with the next boot.
 */
export const removeAudit: HostChangeKind<RemoveAudit> = {
  kind: "remove-audit",
  describe: () => "take pgha's audit rules out",
  target: () => AUDIT.folder,
  action: "remove",
  event: "AuditRulesRemoved",
  undoneBy: "nobody",
  command: () =>
    script([
      sh`if command -v auditctl >/dev/null; then
  for k in ${[AUDIT.key, AUDIT.trialKey]}; do auditctl -D -k "$k" >/dev/null 2>&1 || true; done
fi`,
      sh`rm -rf ${AUDIT.folder} ${AUDIT.waits}`,
    ]),
};
