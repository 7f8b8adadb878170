import type { PostgresHACluster } from "../../api/index.ts";
import type { AskedArtifact } from "../../artifacts/names.ts";
import type { Credentials } from "../../credentials/index.ts";
import type { DesiredArtifact, DesiredDirectory } from "../../desired/host.ts";
import type { DcsFact } from "../../facts/dcs/dcs-fact.ts";
import type { Fact } from "../../facts/fact.ts";
import type { DcsWords } from "../../plan/dcs/words.ts";
import type { Warning } from "../../plan/plan.ts";
import type { DcsSection } from "../../render/dcs/section.ts";

/** A kind of DCS: what can be said of a cluster's before its Secrets are read. */
export interface DcsKind {
  /** What pgha brings to the members for it. */
  readonly artifacts: (cluster: PostgresHACluster) => readonly AskedArtifact[];
  readonly places: (cluster: PostgresHACluster) => DcsPlaces;
  readonly of: (cluster: PostgresHACluster, given: DcsGiven) => Dcs;
}

/** What it has on each member, and what is removed with the cluster. */
export interface DcsPlaces {
  /** Its data: it goes with PostgreSQL's alone. */
  readonly directories: readonly string[];
  /** Folders of pgha's own, for which no data is lost. */
  readonly trees: readonly string[];
}

export interface DcsGiven {
  readonly credentials: Credentials;
  /** The artifact that was asked for; undefined where it was not fetched. */
  readonly artifact: (asked: AskedArtifact) => DesiredArtifact | undefined;
}

/** The store in which a cluster's Patroni keeps who leads: all that the rest of pgha asks of it. */
export interface Dcs {
  readonly words: DcsWords;
  /** On which its members reach each other. */
  readonly ports: readonly { readonly port: number; readonly purpose: string }[];
  /** What each member's host has for it. */
  readonly packages: readonly string[];
  readonly artifacts: readonly DesiredArtifact[];
  readonly directories: readonly DesiredDirectory[];
  /** Where Patroni finds a library before the packaged ones. */
  readonly pythonPath: string | undefined;
  /** What is said of it in every pass. */
  readonly warnings: readonly Omit<Warning, "resource">[];
  /** Its section of patroni.yml, of the member at this address. */
  readonly section: (address: string, others: readonly string[]) => DcsSection;
  /** What a member is asked. `always`: of a healthy replica, too, who votes. */
  readonly question: (address: string, always: boolean) => Fact<DcsFact>;
}
