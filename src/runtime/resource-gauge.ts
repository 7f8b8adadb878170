import { Gauge } from "prom-client";
import type { Registry } from "prom-client";

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
  const resources = new Map<string, { readonly resource: ResourceLabels; readonly series: readonly Series<Label>[] }>();
  const gauge = new Gauge<string>({
    name: options.name,
    help: options.help,
    labelNames: ["kind", "namespace", "name", ...options.labelNames],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const { resource, series } of resources.values()) {
        for (const { labels, value } of series) gauge.set({ ...resource, ...labels }, value);
      }
    },
  });
  return {
    set: (resource, series) => void resources.set(identityOf(resource), { resource, series }),
    forget: (resource) => void resources.delete(identityOf(resource)),
  };
}

function identityOf({ kind, namespace, name }: ResourceLabels): string {
  return `${kind}/${namespace}/${name}`;
}
