import { AUDIT } from "../../desired/audit.ts";
import { AUDITD } from "../../desired/base-services.ts";
import type { HostFindings } from "../../plan/findings.ts";
import type { Step } from "../../plan/plan.ts";
import { auditOn } from "./audit.ts";
import { baseStep } from "./base-step.ts";
import type { DesiredBase } from "./desire.ts";
import type { BaseFacts } from "./observe.ts";
import { serviceSteps, tellMasked } from "./services-plan.ts";

type Facts = Pick<BaseFacts, "audit" | "services" | "paths">;

const TOLD = [{ of: AUDITD, mustRun: true }] as const;

/** What a host is to audit, and how far it does. */
function compare(rules: NonNullable<DesiredBase["audit"]>, { audit, services, paths }: Facts) {
  const wanted = auditOn(rules, audit.folders);
  const file = paths[AUDIT.file];
  const isWritten =
    file?.kind === "file" &&
    file.sha256 === wanted.digest &&
    file.mode === AUDIT.mode &&
    file.owner === "root" &&
    file.group === "root";
  return {
    wanted,
    isWritten,
    isLocked: audit.switched === "locked",
    isMasked: services[AUDITD.unit]?.isMasked === true,
    isRefused: audit.refused?.digest === wanted.digest,
    isInForce:
      audit.loaded === wanted.digest ? audit.switched !== "off" : isTakenAtBoot({ ...wanted, isWritten }, audit),
  };
}

/** What the kernel makes of rules is noted when they are loaded, which a locked audit does at a boot alone. */
function isTakenAtBoot(
  { rules, isWritten }: { readonly rules: number; readonly isWritten: boolean },
  { switched, waits, listed }: Facts["audit"],
): boolean {
  return switched === "locked" && isWritten && !waits && listed === rules;
}

/** Has auditd run and the kernel have pgha's rules, now and after each boot; takes them out where none are wanted. */
export function auditSteps(resource: string, host: DesiredBase, facts: Facts): readonly Step[] {
  const { audit } = facts;
  const step = (change: Step["change"], because: string): Step =>
    baseStep(resource, host, { what: "audit rules", change, because });
  if (host.audit === undefined)
    return audit.left ? [step({ kind: "remove-audit" }, "the spec has nothing of auditd any more")] : [];
  const { wanted, isWritten, isLocked, isMasked, isRefused, isInForce } = compare(host.audit, facts);
  const load = (when: "now" | "boot", because: string): Step => {
    const { content, digest, rules } = wanted;
    return { ...step({ kind: "load-audit", content, digest, rules, when }, because), stage: "services" };
  };
  if (audit.refusal !== undefined)
    return isWritten ? [] : [load("boot", "they are not there as the spec asks, and nothing can be audited there now")];
  if (isMasked) return [];
  const written = isWritten
    ? []
    : [load("boot", "they are not there as the spec asks, and the audit is locked until the next boot")];
  return [
    ...serviceSteps(resource, host.name, TOLD, facts),
    ...(isLocked
      ? written
      : isRefused || (isInForce && isWritten)
        ? []
        : [load("now", whyNow(facts.audit, isInForce))]),
  ];
}

function whyNow({ switched, loaded, left }: Facts["audit"], isInForce: boolean): string {
  if (isInForce) return "a boot would not load them as the spec asks";
  if (switched === "off" && loaded !== undefined) return "the kernel's audit is switched off";
  return left ? "the kernel does not have them as the spec asks" : "the kernel does not have them";
}

/** Why a locked audit has to wait for a reboot; undefined where nothing does. */
export function whyRebootForAudit(host: DesiredBase, facts: Facts): string | undefined {
  if (host.audit === undefined || facts.audit.refusal !== undefined) return undefined;
  const { isLocked, isMasked, isInForce } = compare(host.audit, facts);
  return isLocked && !isMasked && !isInForce
    ? "its audit rules are locked (enabled 2), so that those of the spec come with the next boot alone"
    : undefined;
}

/** Why it does not audit as the spec asks. */
export function tellAudit(host: DesiredBase, facts: Facts, found: HostFindings): void {
  if (host.audit === undefined) return;
  const { audit } = facts;
  if (audit.refusal !== undefined) {
    found.warn("AuditNotHere", `nothing is audited there: ${audit.refusal}`);
    return;
  }
  tellMasked(TOLD, facts, found);
  const { wanted, isMasked, isRefused } = compare(host.audit, facts);
  if (isMasked) return;
  const reboot = whyRebootForAudit(host, facts);
  if (reboot !== undefined)
    found.block("RebootNeeded", reboot, "Reboot it at a time that suits: they are written down, or will be by then.");
  if (isRefused)
    found.block(
      "AuditRuleRefused",
      `the kernel there refuses a rule, and those from before are in force still: ${audit.refused?.words ?? ""}`,
      `Correct spec.auditd.rules. To have the very same tried once more, delete the file ${AUDIT.refused} there.`,
    );
  if (wanted.missing.length > 0)
    found.block(
      "AuditRuleRefused",
      "what rules are about is not there: " +
        wanted.missing.map(({ asked, needs }) => `${asked} needs ${needs.join(", ")}`).join("; "),
      "They are loaded once the folder is there. Else correct spec.auditd.rules.",
    );
}
