/** PgBouncer's admin console; undefined when it does not answer. */
export interface PgBouncerFact {
  readonly version: string;
  /** SHOW CONFIG, key to value, of what is loaded. */
  readonly config: Readonly<Record<string, string>>;
  /** Those of them that a reload leaves as they are, with what each is when nobody sets it. */
  readonly fixed: Readonly<Record<string, string>>;
  /** Databases that it leads to, its own console left out; and who is let in, by the file that it loads. */
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly paused: boolean;
  /** A pause of pgha's own is not over, as far as its lease tells: nobody is in the middle of anything. */
  readonly leased?: true;
  /** What somebody stopped at the console: PAUSE, DISABLE or SUSPEND, with the database, or all of them. */
  readonly held?: readonly { readonly how: "paused" | "disabled" | "suspended"; readonly database?: string }[];
  /** The process that this one took the place of, while it serves on. */
  readonly former?: FormerPoolerFact;
}

export interface FormerPoolerFact {
  readonly port: number;
  /** Until when at most, in seconds since the epoch by the host's clock. */
  readonly until: number;
  /** Whether it takes new clients; otherwise it cannot be paused any more either. */
  readonly listens: boolean;
}
