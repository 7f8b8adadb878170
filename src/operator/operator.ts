import { GROUP } from "../api/index.ts";
import { artifactSource, imageFolder } from "../artifacts/index.ts";
import type { ArtifactSource, ImageSource } from "../artifacts/index.ts";
import type { ApiClient } from "../runtime/api-client.ts";
import { systemClock } from "../runtime/clock.ts";
import { createController } from "../runtime/controller.ts";
import { createEventRecorder } from "../runtime/event-recorder.ts";
import { createExclusiveSlots } from "../runtime/exclusive-slots.ts";
import { createLeaderElector } from "../runtime/leader-elector.ts";
import type { LeaseTimes } from "../runtime/leader-elector.ts";
import type { Log } from "../runtime/log.ts";
import { loopRoom } from "../runtime/loop-room.ts";
import { createManager } from "../runtime/manager.ts";
import type { RuntimeMetrics } from "../runtime/metrics.ts";
import { announcer } from "./events.ts";
import { allowList } from "./hosts/allow-list.ts";
import { firstUseKeys } from "./hosts/first-use.ts";
import { hostShells } from "./hosts/host-shells.ts";
import { createOperatorMetrics } from "./metrics.ts";
import { acceptedSpecs } from "./resources/accepted.ts";
import { stacksAt } from "./resources/holders.ts";
import { KINDS } from "./resources/resource-types.ts";
import { stackKeys } from "./resources/stack-of.ts";
import { visitMemories } from "./visit/memory.ts";
import type { VisitParts } from "./visit/parts.ts";
import { ToldError } from "./visit/told-error.ts";
import { visitStack } from "./visit/visit.ts";
import { wakeStacks } from "./wakes.ts";
import { operatorWatches } from "./watches.ts";

export interface OperatorOptions {
  readonly client: ApiClient;
  readonly metrics: RuntimeMetrics;
  readonly log: Log;
  /** Unique to this process; events and the lease name it. */
  readonly identity: string;
  /** None: all namespaces. */
  readonly namespaces?: readonly string[];
  /** Undefined: no other replica runs. */
  readonly lease?: { readonly namespace: string; readonly name: string; readonly times?: LeaseTimes };
  /** Networks in CIDR notation that hosts must be in; none: anywhere. */
  readonly allowHosts?: readonly string[];
  /** Between two looks at a stack that is as wanted; spread by 20 %. Default 30 s. */
  readonly pollMs?: number;
  /** How long what somebody else has to make is waited for before a resource is Stalled. Default 2 min. */
  readonly patienceMs?: number;
  /** How many hosts are held by visits at once. Default 100. */
  readonly concurrentHosts?: number;
  /** How many stacks are visited at once. Default 30. */
  readonly concurrency?: number;
  /** What is brought to hosts; left out, it is fetched. */
  readonly artifacts?: ArtifactSource;
  /** Left out, there are none. */
  readonly images?: ImageSource;
}

export interface Operator {
  /** Whether all that exists is known. */
  synced(): boolean;
  /** Works until `stop` aborts and the steps in hand are done. Never rejects. */
  run(stop: AbortSignal): Promise<void>;
}

/** Connections that no visit used for so long are of resources that are gone. */
const IDLE_SHELL_MS = 30 * 60_000;

/**
 * What is applied together comes within seconds; what a person has to make by hand may take longer than anybody waits.
 */
const PATIENCE_MS = 120_000;

/** So many polls may be missed before what was seen is no longer told as what is. */
const STALE_POLLS = 3;

/** Puts the operator together: watches, one queue of stacks, leader election. Throws InvalidInputError. */
export function createOperator(options: OperatorOptions): Operator {
  const { client, metrics, log, identity, pollMs = 30_000 } = options;
  const clock = systemClock;
  const watches = operatorWatches({ client, clock, log, metrics, namespaces: options.namespaces ?? [] });
  const recorder = createEventRecorder<string>({
    client,
    clock,
    log,
    reportingController: `${GROUP}/operator`,
    reportingInstance: identity,
  });
  /** Wakes all stacks with a host at this address, but for the one that told of it. */
  const hostChanged = (address: string, who?: string): void => {
    for (const stack of stacksAt(address, watches.known)) if (stack !== who) controller.wake(stack);
  };
  const shells = hostShells(() => clock.monotonic(), hostChanged);
  const parts: VisitParts = {
    client,
    shells,
    clock,
    log,
    known: watches.known,
    firstUse: firstUseKeys(),
    slots: createExclusiveSlots(options.concurrentHosts ?? 100),
    allow: allowList(options.allowHosts ?? []),
    accepted: acceptedSpecs(),
    staleMs: STALE_POLLS * pollMs,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    artifacts: options.artifacts ?? artifactSource({}),
    images: options.images ?? imageFolder(undefined),
    announcer: announcer(recorder, log),
    metrics: createOperatorMetrics(metrics.registry),
    memories: visitMemories(() => clock.now()),
    hostChanged,
    owner: `pgha operator ${identity}`,
  };
  const controller = createController({
    name: "pgha-stack",
    clock,
    log,
    metrics,
    concurrency: options.concurrency ?? 30,
    room: loopRoom(),
    times: { pollMs },
    reconcile: (key, context) => visitStack(key, context, parts),
    isTold: (error) => error instanceof ToldError,
    keys: () => stackKeys(watches.known),
  });
  wakeStacks(controller, watches);
  const elector =
    options.lease === undefined
      ? undefined
      : createLeaderElector({
          ...options.lease,
          client,
          clock,
          log,
          identity,
          onChange: metrics.leading(options.lease.name),
        });
  const manager = createManager({
    reflectors: [...KINDS.map((kind) => watches.resources[kind]), ...watches.secrets],
    controllers: [controller],
    log,
    ...(elector === undefined ? {} : { elector }),
  });
  return {
    synced: () => manager.synced(),
    async run(stop) {
      const sweep = setInterval(() => shells.closeIdle(IDLE_SHELL_MS), IDLE_SHELL_MS / 4);
      sweep.unref();
      await manager.run(stop);
      clearInterval(sweep);
      await recorder.flush();
      await shells.close();
    },
  };
}
