import { isDeepStrictEqual } from "node:util";
import type { Metric, Registry } from "prom-client";

/** Which resource a series belongs to. */
export interface ResourceLabels {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One value of a resource, with the labels it has beside those of the resource. */
export interface Series<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** A gauge whose series live and die with a resource. */
export interface ResourceGauge<Label extends string> {
  /** These are now all the series of this resource; others it had are gone. */
  set(resource: ResourceLabels, series: readonly Series<Label>[]): void;
  /** The resource is no more, and so are its series. */
  forget(resource: ResourceLabels): void;
}

/** A gauge named `name` with the labels kind, namespace, name and `labelNames`. */
export function createResourceGauge<const Label extends string>(
  registry: Registry,
  options: { readonly name: string; readonly help: string; readonly labelNames: readonly Label[] },
): ResourceGauge<Label> {
  const gauge = new WrittenGauge(options.name, options.help);
  // What a registry asks of a metric is less than its type says.
  registry.registerMetric(gauge as unknown as Metric);
  return gauge;
}

/**
 * A gauge whose series are written down when they change, as Prometheus reads them. With a thousand stacks there are
 * two hundred thousand, few of them new when somebody asks, and to write them all took seconds in which nothing else
 * was done.
 */
export class WrittenGauge implements ResourceGauge<string> {
  readonly type = "gauge";
  readonly name: string;
  readonly help: string;
  readonly #known = new Map<string, Written>();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  set(resource: ResourceLabels, series: readonly Series<string>[]): void {
    const { kind, namespace, name } = resource;
    const identity = `${kind}/${namespace}/${name}`;
    // Most visits find what the last one found.
    if (isDeepStrictEqual(this.#known.get(identity)?.series ?? [], series)) return;
    if (series.length === 0) return void this.#known.delete(identity);
    const text = series.map(
      ({ labels, value }) => `\n${lineOf(this.name, { kind, namespace, name, ...labels }, value)}`,
    );
    this.#known.set(identity, { resource, series, text: text.join("") });
  }

  forget(resource: ResourceLabels): void {
    this.set(resource, []);
  }

  /** All of it, as https://prometheus.io/docs/instrumenting/exposition_formats/ has it, without a last line feed. */
  text(): string {
    const head = `# HELP ${this.name} ${escaped(this.help)}\n# TYPE ${this.name} ${this.type}`;
    return head + [...this.#known.values()].map((one) => one.text).join("");
  }

  /** As a Registry asks its metrics. */
  get(): Promise<object> {
    const values = [...this.#known.values()].flatMap(({ resource: { kind, namespace, name }, series }) =>
      series.map(({ labels, value }) => ({ labels: { kind, namespace, name, ...labels }, value })),
    );
    return Promise.resolve({ name: this.name, help: this.help, type: this.type, aggregator: "sum", values });
  }
}

interface Written {
  readonly resource: ResourceLabels;
  readonly series: readonly Series<string>[];
  /** Each line after a line feed. */
  readonly text: string;
}

function lineOf(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const inBraces = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`);
  return `${name}{${inBraces.join(",")}} ${valueText(value)}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return "Nan";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
