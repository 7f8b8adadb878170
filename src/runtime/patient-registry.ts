import { setImmediate as turn } from "node:timers/promises";
import { Registry } from "prom-client";
import { WrittenGauge } from "./resource-gauge.ts";

/**
 * A registry that lets others have their turn between two metrics: who asks how this process does must not keep it from
 * renewing its lease.
 */
export class PatientRegistry extends Registry {
  override async metrics(): Promise<string> {
    const texts: string[] = [];
    for (const { name } of this.getMetricsAsArray()) {
      const metric: unknown = this.getSingleMetric(name);
      texts.push(metric instanceof WrittenGauge ? metric.text() : await this.getSingleMetricAsString(name));
      await turn();
    }
    return `${texts.join("\n\n")}\n`;
  }
}
