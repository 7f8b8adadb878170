import { isDeepStrictEqual } from "node:util";
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
  const known = new Map<string, readonly Series<Label>[]>();
  const gauge = new Gauge<string>({
    name: options.name,
    help: options.help,
    labelNames: ["kind", "namespace", "name", ...options.labelNames],
    registers: [registry],
  });
  const set = (resource: ResourceLabels, series: readonly Series<Label>[]): void => {
    const before = known.get(identityOf(resource)) ?? [];
    // Most visits find what the last one found, and labels are dear.
    if (isDeepStrictEqual(before, series)) return;
    known.set(identityOf(resource), series);
    const gone = before.filter(({ labels }) => !series.some((one) => isDeepStrictEqual(one.labels, labels)));
    for (const { labels } of gone) gauge.remove({ ...resource, ...labels });
    for (const { labels, value } of series) gauge.set({ ...resource, ...labels }, value);
  };
  return {
    set,
    forget(resource) {
      set(resource, []);
      known.delete(identityOf(resource));
    },
  };
}

function identityOf({ kind, namespace, name }: ResourceLabels): string {
  return `${kind}/${namespace}/${name}`;
}
