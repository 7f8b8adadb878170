import type { Kind } from "../../api/index.ts";
import type { Party } from "../../apply/turn.ts";
import type { ArtifactSource, ImageSource } from "../../artifacts/index.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import type { World } from "../../reconcilers/world.ts";
import type { ApiClient } from "../../runtime/api-client.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { ExclusiveSlots } from "../../runtime/exclusive-slots.ts";
import { splitKey } from "../../runtime/kube-object.ts";
import type { Log } from "../../runtime/log.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { ResourceLabels } from "../../runtime/resource-gauge.ts";
import type { LiveResource, StoredResource } from "../../state/live-resource.ts";
import type { Announcer } from "../events.ts";
import type { AllowList } from "../hosts/allow-list.ts";
import type { FirstUseKeys } from "../hosts/first-use.ts";
import type { HostShells } from "../hosts/host-shells.ts";
import type { OperatorMetrics } from "../metrics.ts";
import type { AcceptedSpecs } from "../resources/accepted.ts";
import type { KnownResources } from "../resources/known-resources.ts";
import type { Admitted } from "./admit.ts";
import type { VisitMemories, VisitMemory } from "./memory.ts";

/** What all visits share, for the life of the operator. */
export interface VisitParts {
  readonly client: ApiClient;
  readonly known: KnownResources;
  readonly shells: HostShells;
  readonly firstUse: FirstUseKeys;
  /** Each host by its address: one visit at a time, and a bound on how many at once. */
  readonly slots: ExclusiveSlots;
  readonly allow: AllowList;
  readonly accepted: AcceptedSpecs;
  /** What was last seen counts for so long without another look. */
  readonly staleMs: number;
  /** What somebody else has to make is waited for so long before it counts as stuck. */
  readonly patienceMs: number;
  readonly artifacts: ArtifactSource;
  readonly images: ImageSource;
  readonly announcer: Announcer;
  readonly metrics: OperatorMetrics;
  readonly memories: VisitMemories;
  /**
   * Told when a host went or came back: whoever else has it looks at once. `who` is the key of the stack that tells.
   */
  readonly hostChanged: (address: string, who: string) => void;
  /** How a host's lock names this operator. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** One resource of a stack on its way through one visit. */
export interface Resident {
  readonly kind: Kind;
  /** `Kind/name`. */
  readonly name: string;
  readonly live: LiveResource;
  readonly memory: VisitMemory;
}

/** One that came as far as its hosts. */
export interface Visit extends Resident {
  readonly admitted: Admitted;
  readonly context: ReconcileContext;
  readonly parts: VisitParts;
  /** The same for all of a stack. */
  readonly world: World;
}

/** One that was looked at, with what of the look and of the plan is its own. */
export interface Seen extends Visit, Party {
  readonly pass: Pass;
}

export function labelsOf(kind: Kind, key: string): ResourceLabels {
  const { namespace = "", name } = splitKey(key);
  return { kind, namespace, name };
}

/** What a person can have meant by touching a resource: try again. */
export function askedOf({ metadata: { generation, annotations, deletionTimestamp } }: StoredResource): string {
  return JSON.stringify([generation, annotations, deletionTimestamp]);
}
