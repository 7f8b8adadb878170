import type { DialTarget } from "../../changes/start-unit.ts";
import type { Blocker } from "../plan.ts";

/** A DCS as plans and messages need it: a few names and sentences. */
export interface DcsWords {
  /** "RAFT": whom messages name as the one that counts votes. */
  readonly title: string;
  /** How it names the voter at an address. */
  readonly nodeAt: (address: string) => string;
  /** The address in such a name. */
  readonly addressOf: (node: string) => string;
  /** Whom others dial when they start: that one starts first, and they wait for it. Undefined where nobody dials. */
  readonly dialed: (address: string) => DialTarget | undefined;
  /** What to type on a living member so that this voter is counted no more. */
  readonly removal: (node: string) => string;
  /** What is in the way of a first bootstrap while the DCS holds traces of a cluster on a host. */
  readonly tracesLeft: (traces: readonly string[]) => Pick<Blocker, "reason" | "why" | "wayOut">;
  /** What traces are, beside data: "a RAFT journal". */
  readonly trace: string;
  /** How a node comes back that cannot read what it wrote itself, while the others are a quorum. */
  readonly damaged: string;
  /** What to look at where a node is not heard: "is the data volume full, or port 7000 closed?" */
  readonly unheard: string;
  /** What to check where too few see each other. */
  readonly apart: string;
}
