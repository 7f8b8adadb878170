/** What a host says of the DCS, whichever it is. */
export interface DcsFact {
  /** Traces of a cluster that it holds for this host: who has some knows of a cluster, and waits for it. */
  readonly traces: readonly string[];
  /** Undefined when it was not asked (a replica that streams) or does not answer. */
  readonly status?: DcsStatus;
  /** It was asked, beside a Patroni that runs, does not answer, and wrote nothing for long. */
  readonly silent?: true;
  /** What Patroni would run its side of it with now, by name. */
  readonly versions?: Readonly<Record<string, string>>;
  /** PGHA_START in the environment of the running Patroni; undefined when none runs, or it was started without. */
  readonly startDigest?: string;
}

export interface DcsStatus {
  readonly hasQuorum: boolean;
  /** How long its side of it, and so Patroni, has run there. */
  readonly uptimeSeconds?: number;
  /** Every other voter as it knows it, `ADDRESS:PORT` (IPv6 without brackets). */
  readonly partners: readonly { readonly address: string; readonly connected: boolean }[];
}
