import { readFile } from "node:fs/promises";
import { load } from "js-yaml";

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/** The rules as Prometheus itself reads them: what stands under `spec` of the PrometheusRule. */
export async function ruleFile(): Promise<RuleFile> {
  const document = load(
    await readFile(new URL("../../manifests/monitoring/prometheus-rule.yaml", import.meta.url), "utf8"),
  ) as { readonly spec: RuleFile };
  return document.spec;
}

export async function alertRules(): Promise<readonly AlertRule[]> {
  return (await ruleFile()).groups.flatMap((group) => group.rules);
}

/** What is written of an alert for certain labels and a value, if the rule has no label that the alert lacks. */
export function filledIn(text: string, labels: Readonly<Record<string, string>>, value: string): string {
  return text
    .replaceAll(/{{ \$labels\.(\w+) }}/g, (_, name: string) => labels[name] ?? `(no label ${name})`)
    .replaceAll(/{{ \$value(?: \| \w+)? }}/g, value);
}
