import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { ruleFile } from "./alert-rules.ts";
import { startChild, tail } from "./child.ts";
import { debianProgram } from "./debian-program.ts";
import { freePorts } from "./free-ports.ts";
import { until } from "./until.ts";
import { removeFolder } from "../temporary/remove-folder.ts";

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

/** A real Prometheus that scrapes one operator. */
export interface Prometheus {
  firing(): Promise<readonly Alert[]>;
  /** Labels of all alerts that fired at any moment since then. */
  firedSince(timeMs: number): Promise<readonly Alert["labels"][]>;
  /** Resolves, with all that fires then, once an alert of this name does. */
  untilFiring(name: string, deadlineMs?: number): Promise<readonly Alert[]>;
  untilQuiet(deadlineMs?: number): Promise<void>;
  /** Resolves once every rule had time to fire, had it a reason. */
  untilRulesHadTime(): Promise<void>;
  /** The first answer to a query, if there is one. */
  value(query: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** One answer to a query: labels, and when it was what. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** The alerts as they are, but for patience: minutes become seconds. */
const PATIENCE_SECONDS = 2;

/** Starts Prometheus with our alerts; it scrapes `host:port` as our PodMonitor asks. It dies with this process. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), "pgha-prometheus-"));
  const { groups } = await ruleFile();
  const hasty = groups.map((group) => ({
    ...group,
    interval: "1s",
    rules: group.rules.map((rule) => ({ ...rule, for: `${PATIENCE_SECONDS}s` })),
  }));
  await writeFile(join(folder, "rules.json"), JSON.stringify({ groups: hasty }));
  await writeFile(
    join(folder, "prometheus.json"),
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.json"],
      scrape_configs: [await scrapeConfig(target)],
    }),
  );
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, "log");
  const args = [
    `--config.file=${join(folder, "prometheus.json")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--storage.tsdb.retention.time=1h",
  ];
  const child = startChild(await debianProgram("prometheus", "usr/bin/prometheus"), args, {
    logFile,
    lifetime: "with-parent",
  });
  await until("Prometheus is ready", async () => (await fetch(`${url}/-/ready`)).ok, 30_000).catch((error: unknown) => {
    throw new Error(tail(logFile), { cause: error });
  });
  return {
    ...questionsTo(url),
    async stop() {
      await child.stop();
      removeFolder(folder);
    },
  };
}

/**
 * As the Prometheus operator makes it of a PodMonitor, with the label that a pod has. Its defaults: /metrics, http, no.
 */
async function scrapeConfig(target: string): Promise<object> {
  const file = await readFile(new URL("../../manifests/monitoring/pod-monitor.yaml", import.meta.url), "utf8");
  const { spec } = load(file) as {
    readonly spec: {
      readonly podMetricsEndpoints: readonly {
        readonly path?: string;
        readonly scheme?: string;
        readonly honorLabels?: boolean;
      }[];
    };
  };
  const [{ path = "/metrics", scheme = "http", honorLabels = false } = {}] = spec.podMetricsEndpoints;
  return {
    job_name: "pgha-system/pgha-operator",
    metrics_path: path,
    scheme,
    honor_labels: honorLabels,
    static_configs: [{ targets: [target], labels: { namespace: "pgha-system" } }],
  };
}

function questionsTo(url: string): Omit<Prometheus, "stop"> {
  const ask = async <T>(path: string): Promise<T> =>
    ((await (await fetch(`${url}/api/v1/${path}`)).json()) as { readonly data: T }).data;
  const firing = async (): Promise<readonly Alert[]> =>
    (await ask<{ readonly alerts: readonly Alert[] }>("alerts")).alerts.filter(({ state }) => state === "firing");
  const series = async (query: string): Promise<readonly Series[]> =>
    (await ask<{ readonly result: readonly Series[] }>(`query?query=${encodeURIComponent(query)}`)).result;
  const value = async (query: string): Promise<string | undefined> => (await series(query))[0]?.value[1];
  return {
    firing,
    value,
    firedSince: async (timeMs) =>
      (await series(`count_over_time(ALERTS{alertstate="firing"}[${Math.ceil((Date.now() - timeMs) / 1000)}s])`)).map(
        ({ metric }) => metric,
      ),
    untilFiring: async (name, deadlineMs) =>
      until(
        `${name} fires`,
        async () => {
          const alerts = await firing();
          return alerts.some(({ labels }) => labels["alertname"] === name) ? alerts : undefined;
        },
        deadlineMs,
      ),
    untilQuiet: async (deadlineMs) => {
      let last: readonly Alert[] = [];
      await until("all alerts resolve", async () => (last = await firing()).length === 0, deadlineMs).catch(
        (error: unknown) => {
          throw new Error(`still firing: ${JSON.stringify(last)}`, { cause: error });
        },
      );
    },
    untilRulesHadTime: async () => {
      const now = async (): Promise<number> => Number(await value("vector(time())"));
      const since = await now();
      await until("some more evaluations", async () => (await now()) > since + PATIENCE_SECONDS + 2);
    },
  };
}
