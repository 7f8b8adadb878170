import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { debianProgram } from "../../kube/debian-program.ts";
import { REPOSITORY } from "../manifests/rendered.ts";
import { ALERT_CASES } from "./alert-cases.ts";
import type { AlertCase, SeriesSet } from "./alert-case.ts";
import { alertRules, filledIn, ruleFile } from "../../kube/alert-rules.ts";
import type { AlertRule } from "../../kube/alert-rules.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const RULES = await alertRules();
let folder: string;
let promtool: string;

before(async () => {
  promtool = await debianProgram("prometheus", "usr/bin/promtool");
  folder = await mkdtemp(join(tmpdir(), "pgha-rules-"));
  await writeFile(join(folder, "rules.json"), JSON.stringify(await ruleFile()));
});
after(() => removeFolder(folder));

async function run(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(promtool, [...args], { cwd: folder, timeout: 60_000 }).catch((error: unknown) => {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`, { cause: error });
  });
}

test("promtool finds nothing wrong with the rules", async () => {
  await run("check", "rules", "rules.json");
});

test("every alert is tested, once", () => {
  assert.deepEqual(
    ALERT_CASES.map(({ alert }) => alert),
    RULES.map(({ alert }) => alert),
  );
});

for (const { alert, labels, annotations } of RULES) {
  test(`${alert} says how bad it is, what it is, and where to read on`, () => {
    assert.match(labels.severity, /^(critical|warning|info)$/);
    assert.match(annotations.summary, /^[A-Z{].{10,}[^.]$/);
    assert.match(annotations.description, /^[A-Z{].{30,}\.$/);
    assert.match(annotations.runbook_url, /\/docs\/operations\.md#[a-z]+$/);
  });
}

for (const one of ALERT_CASES) {
  test(
    `${one.alert} fires when it should, in these words, and is quiet when ` +
      `${Object.keys(one.quiet).join(", when ")}`,
    async () => {
      const rule = RULES.find(({ alert }) => alert === one.alert);
      assert.ok(rule !== undefined);
      const [rules, file] = [`${one.alert}.json`, `${one.alert}.test.json`];
      await writeFile(join(folder, rules), JSON.stringify({ groups: [{ name: "pgha", rules: [rule] }] }));
      await writeFile(
        join(folder, file),
        JSON.stringify({
          rule_files: [rules],
          evaluation_interval: one.step ?? "1m",
          tests: [firing(one, rule), ...Object.entries(one.quiet).map(([why, series]) => quiet(one, why, series))],
        }),
      );
      await run("test", "rules", file);
    },
  );
}

function firing(one: AlertCase, rule: AlertRule): object {
  const exp_annotations = Object.fromEntries(
    Object.entries(rule.annotations).map(([name, text]) => [name, filledIn(text, one.labels, one.value ?? "")]),
  );
  const fired = { exp_labels: { ...one.labels, ...rule.labels }, exp_annotations };
  return {
    interval: one.step ?? "1m",
    input_series: inputOf(one.fires),
    alert_rule_test: [
      { eval_time: one.notYet, alertname: one.alert, exp_alerts: [] },
      { eval_time: one.at, alertname: one.alert, exp_alerts: [fired] },
    ],
  };
}

/** Looked at often, over more than an hour, since what fires may also resolve; and at the moment when it would fire. */
function quiet(one: AlertCase, name: string, series: SeriesSet): object {
  const times = [...Array.from({ length: 25 }, (_, index) => `${(index + 1) * 3}m`), one.at];
  return {
    name,
    interval: one.step ?? "1m",
    input_series: inputOf(series),
    alert_rule_test: times.map((eval_time) => ({ eval_time, alertname: one.alert, exp_alerts: [] })),
  };
}

function inputOf(series: SeriesSet): readonly object[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

test(
  "every runbook is a heading of docs/operations.md",
  { skip: !existsSync(`${REPOSITORY}docs/operations.md`) },
  async () => {
    const page = await readFile(`${REPOSITORY}docs/operations.md`, "utf8");
    const headings = new Set(
      [...page.matchAll(/^#+ +(.*)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, "")
          .replaceAll(" ", "-"),
      ),
    );
    const missing = RULES.map(({ annotations }) => annotations.runbook_url.split("#")[1] ?? "").filter(
      (anchor) => !headings.has(anchor),
    );
    assert.deepEqual(missing, []);
  },
);
