/** Labels of the Secrets that pgha makes. */
export const LABELS = { managedBy: "app.kubernetes.io/managed-by", cluster: "pgha.keybuzz.io/cluster" } as const;

/** Annotation of a Secret that pgha made: the system identifier of the data whose passwords it holds. */
export const SYSTEM_ID = "pgha.keybuzz.io/system-id";

/** Whether a Secret belongs to this data, or to none yet. */
export function isOfData(annotations: Readonly<Record<string, string>>, systemId: string | undefined): boolean {
  const marked = annotations[SYSTEM_ID];
  return marked === undefined || marked === systemId;
}

/** What tells whose a Secret is: as it is kept in memory, or as the metadata of an object and what stands beside it. */
export interface Made {
  readonly labels: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

/** The cluster that pgha made a Secret for; undefined for one that a person made. */
export function madeFor({ labels }: Made): string | undefined {
  return labels[LABELS.managedBy] === "pgha" ? labels[LABELS.cluster] : undefined;
}

/** Whether pgha may say anew in it where to log in. An immutable one nobody can change. */
export function isRenewable(secret: Made, cluster: string | undefined): boolean {
  return cluster !== undefined && secret.immutable !== true && madeFor(secret) === cluster;
}
