import { healthOf } from "./argo-health.ts";
import type { Health } from "./argo-health.ts";
import { kstatusOf } from "./kstatus.ts";
import type { Kstatus, Observed } from "./kstatus.ts";

/** What the two families of tools make of one object. */
export interface Verdict<T extends Observed> {
  readonly object: T;
  readonly argo: Health;
  readonly kstatus: Kstatus;
}

/** Argo CD's and kstatus' word on each object. */
export async function verdictsOn<T extends Observed>(objects: readonly T[]): Promise<readonly Verdict<T>[]> {
  const healths = await healthOf(objects);
  return objects.map((object, index) => ({
    object,
    argo: healths[index] ?? { status: "", message: "" },
    kstatus: kstatusOf(object),
  }));
}

/** Where the two contradict each other, or say more than the status does; empty when people can rely on either. */
export function contradictions({ object, argo, kstatus }: Verdict<Observed>): readonly string[] {
  const { metadata, status } = object;
  // Argo CD calls what is being deleted Progressing, and does not run the script.
  if (metadata.deletionTimestamp !== undefined) return [];
  const isAbout = status?.conditions !== undefined && status.observedGeneration === metadata.generation;
  const faults: string[] = [];
  const demand = (isFine: boolean, fault: string): void =>
    void (isFine || faults.push(`${argo.status}/${kstatus}: ${fault}`));

  demand(["Healthy", "Progressing", "Degraded", "Suspended"].includes(argo.status), "Argo CD knows no such health");
  demand(isAbout || argo.status === "Progressing", "nobody has looked at this generation yet");
  demand(argo.status !== "Healthy" || kstatus === "Current", "healthy, and not done");
  demand(
    kstatus !== "Current" || !isAbout || ["Healthy", "Suspended"].includes(argo.status),
    "done, and neither healthy nor left alone",
  );
  demand(
    kstatus !== "Failed" || !["Healthy", "Progressing"].includes(argo.status),
    "a person is needed, and Argo CD waits on",
  );
  demand(argo.status !== "Degraded" || argo.message !== "", "it does not say what is wrong");
  return faults;
}
