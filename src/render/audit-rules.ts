import { AUDIT } from "../desired/audit.ts";
import { each, refuseFaults } from "./refusal.ts";

/** For augenrules(8) and auditctl -R: each of these rules, with the key by which pgha knows it again. */
export function auditRulesFile(rules: readonly string[]): string {
  refuseFaults(AUDIT.file, each("rules", rules, ruleFault));
  return [
    "# Written by pgha, which brings it back when it is changed here: change the manifest instead.",
    ...rules.map((rule) => `${rule} -k ${AUDIT.key}`),
    "",
  ].join("\n");
}

function ruleFault(rule: string): string | undefined {
  return /^-[waA] [A-Za-z0-9_./:@+,=!<>&-]+(?: [A-Za-z0-9_./:@+,=!<>&-]+)*$/.test(rule) ? undefined : "is no rule";
}
