import { PATRONI } from "../../desired/services.ts";
import type { SwitchWay } from "../../changes/hold-way.ts";
import { NOTICES } from "../../plan/notices.ts";
import { nextSwitchover, servingWays } from "../../plan/operations/switchover.ts";
import type { SwitchoverIntent, SwitchoverSeen, Way } from "../../plan/operations/switchover.ts";
import type { Plan, Step } from "../../plan/plan.ts";
import type { RecordedFacts, RecordedSwitchover } from "../../state/index.ts";
import { switchoverAsked } from "../switchover-leave.ts";
import type { DesiredCluster } from "./desire.ts";
import { readersLeave } from "./readers.ts";

/** What Patroni may take, twice, and a replica to catch up. */
const DEADLINE_SECONDS = 300;

/** A switchover that was asked for, or is under way: recorded first, then taken in one step; and what is in its way. */
export function planSwitchover(
  desired: DesiredCluster,
  seen: SwitchoverSeen,
): Pick<Plan, "steps" | "waits" | "blockers"> {
  const { name: resource } = desired.resolved;
  const { leader } = seen;
  const decided = decidedOf(desired, leader);
  if (decided === undefined) return NOTHING;
  const { recorded, intent } = decided;
  const next = nextSwitchover(seen, intent);
  switch (next.kind) {
    case "done":
      // What an annotation asks for is met also where nothing is left to do: it is not to be asked for by it later.
      return recorded || switchoverAsked(intent) === undefined
        ? NOTHING
        : { ...NOTHING, steps: [recordStep(desired, intent)] };
    case "refused":
      return {
        ...NOTHING,
        blockers: [
          {
            resource,
            scope: "nothing",
            reason: "SwitchoverRefused",
            why: `it is not switched over: ${next.why}`,
            wayOut: next.wayOut,
          },
        ],
      };
    case "wait":
      return {
        ...NOTHING,
        waits: [
          {
            resource,
            reason: "SwitchoverWaits",
            for: next.for,
            holds: "settle",
            deadlineSeconds: next.seconds ?? DEADLINE_SECONDS,
            wayOut: `There: journalctl -u ${PATRONI.packagedUnit}. What was asked for goes on at the next run.`,
          },
        ],
      };
    case "step": {
      const record = recorded ? [] : [recordStep(desired, intent)];
      const { from, to } = next;
      const others = seen.members.some(({ name, isReader }) => isReader && name !== to);
      const step = switchoverStep(desired, { from, to, ways: seen.ways, others, force: intent.force === true });
      return {
        ...NOTHING,
        steps: [...record, { ...step, because: becauseOf(intent), after: record.map(({ id }) => id) }],
      };
    }
  }
}

const NOTHING = { steps: [], waits: [], blockers: [] } as const;

type Decided = SwitchoverIntent & { readonly id: string };

/** What was decided before, unless it was taken back, or something else is asked for by now. */
function decidedOf(
  { resolved }: DesiredCluster,
  leader: string | undefined,
): { readonly intent: Decided; readonly recorded: boolean } | undefined {
  const { begin, withdrawn } = resolved.switchover;
  const { switchover } = resolved.recorded;
  const before = switchover === undefined || switchover.id === withdrawn ? undefined : switchover;
  const isSame =
    before !== undefined &&
    (begin === undefined ||
      (begin.id === before.id &&
        (begin.to === undefined || begin.to === before.to) &&
        (begin.force !== true || before.force === true)));
  if (isSame) return { intent: before, recorded: true };
  return begin === undefined || leader === undefined
    ? undefined
    : { intent: { from: leader, ...begin }, recorded: false };
}

function becauseOf({ id, to }: Decided): string {
  return `${id} asks for ${to ?? "another leader"}`;
}

function recordStep({ resolved: { name } }: DesiredCluster, { id, from, to, force }: Decided): Step {
  return {
    id: `controller/${name}/switchover`,
    resource: name,
    host: undefined,
    stage: "record",
    impact: "none",
    change: {
      kind: "record-switchover",
      id,
      from,
      ...(to === undefined ? {} : { to }),
      ...(force === true ? { force } : {}),
    },
    because: "so that it goes on after an interruption, and happens once",
  };
}

/** Another member comes to lead, while clients of these ways wait. */
export function switchoverStep(
  desired: DesiredCluster,
  {
    from,
    to,
    ways,
    others,
    force = false,
    restarts = false,
  }: {
    readonly from: string;
    readonly to: string;
    readonly ways: readonly Way[];
    /** Whether a replica serves readers besides. */
    readonly others: boolean;
    readonly force?: boolean;
    readonly restarts?: boolean;
  },
): Step {
  const { members, resolved, restApiUrl } = desired;
  const { name: resource } = resolved;
  const serving = servingWays(ways);
  const { drains, leave } = readersLeave(ways, others);
  const waiting = serving.filter(({ pooler }) => pooler?.waits === true).map(({ host }) => host);
  const cut = serving.filter(({ pooler }) => pooler?.waits === false).map(({ resource: pool }) => pool);
  const { impact, words } = NOTICES.leaderChanges(waiting, [...new Set(cut)], leave);
  return {
    id: `${from}/${resource}/switchover to ${to}`,
    resource,
    host: from,
    stage: "settle",
    impact,
    noticed: words,
    because: "",
    budget: { group: `members of ${resource}`, atMost: 1, away: [] },
    change: {
      kind: "switch-over",
      from,
      to,
      url: restApiUrl(from),
      api: apiOf(desired, to),
      others: members.map(({ name }) => name).filter((name) => name !== to),
      ways: waysByHost(serving),
      ...(drains.length === 0 ? {} : { drains }),
      force,
      restarts,
    },
  };
}

/** A member's REST API. */
export function apiOf(
  { members, resolved: { cluster } }: DesiredCluster,
  name: string,
): { readonly address: string; readonly port: number } {
  const address = members.find((member) => member.name === name)?.address ?? "";
  return { address, port: cluster.spec.patroni.restApi.port };
}

/** A host may have a proxy and poolers; it is told once. */
function waysByHost(ways: readonly Way[]): readonly SwitchWay[] {
  return [...Map.groupBy(ways, ({ host }) => host)].map(([host, own]): SwitchWay => {
    const pooler = own.find((way) => way.pooler?.waits === true);
    const port = pooler?.pooler?.port;
    return {
      host,
      proxy: own.some(({ proxy }) => proxy === true),
      ...(port === undefined ? {} : { pooler: { port } }),
      ...(pooler?.write === undefined ? {} : { write: pooler.write }),
    };
  });
}

/** What is recorded of a switchover once a look shows that it is over, or it was taken back. */
export function afterSwitchover(
  before: RecordedFacts,
  withdrawn: string | undefined,
  isOver: (intent: RecordedSwitchover) => boolean,
): RecordedFacts {
  const { switchover, ...others } = before;
  if (switchover === undefined) return before;
  if (switchover.id === withdrawn) return others;
  if (!isOver(switchover)) return before;
  const asked = switchoverAsked(switchover);
  return { ...others, ...(asked === undefined ? {} : { switchedTo: asked }) };
}
