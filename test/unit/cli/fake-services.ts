import type { ConvergeOptions } from "../../../src/apply/converge.ts";
import type { Outcome } from "../../../src/apply/events.ts";
import type { Services } from "../../../src/cli/services.ts";
import type { OpenWorld } from "../../../src/cli/world.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import type { RemovalPass } from "../../../src/reconcilers/removal/look.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { memoryStore } from "../../../src/state/index.ts";
import type { StateStore } from "../../../src/state/index.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";

export interface Script {
  readonly plan?: Plan;
  readonly statuses?: ReadonlyMap<string, ResourceStatus>;
  readonly shell?: RemoteShell;
  /** What an apply does after it looked once and was approved. */
  readonly apply?: (options: ConvergeOptions, pass: Pass) => Promise<Outcome>;
  /** What a look at what is left of any resource says. */
  readonly removal?: Partial<RemovalPass>;
}

export interface FakeEngine {
  readonly services: Services;
  /** What was asked of it, in order. */
  readonly calls: string[];
  readonly store: StateStore;
}

const NO_SHELL: RemoteShell = { host: "none", run: async () => ({ exitCode: 0, stdout: "", stderr: "" }) };

const REMOVAL: RemovalPass = {
  looks: new Map(),
  plan: { steps: [], waits: [], blockers: [], warnings: [] },
  away: [],
  shellFor: () => NO_SHELL,
};

/** An engine that looks at nothing and says what the script has it say. */
export function fakeEngine(script: Script = {}): FakeEngine {
  const calls: string[] = [];
  const store = memoryStore();
  const world: OpenWorld = {
    store,
    secrets: async () => new Map(),
    shellFor: () => NO_SHELL,
    owner: "test",
    now: () => 0,
    artifacts: async () => ({ name: "pysyncobj", path: "/opt", tarGz: new Uint8Array(), sha256: "" }),
    images: async () => undefined,
    close: async () => void calls.push("close"),
  };
  const pass: Pass = {
    plan: script.plan ?? { steps: [], waits: [], blockers: [], warnings: [] },
    statuses: script.statuses ?? new Map(),
    reconcilables: [],
    plans: new Map(),
    looks: new Map(),
    shellFor: () => script.shell ?? NO_SHELL,
    materialFor: () => {
      throw new Error("not asked for");
    },
  };
  const services: Services = {
    openWorld: async ({ command, stateFolder }) => {
      calls.push(`open ${command} ${stateFolder}`);
      return world;
    },
    lookAndPlan: async () => {
      calls.push("look");
      return pass;
    },
    converge: async (_stack, _world, options) => {
      calls.push("converge");
      const part = options.partOf === undefined ? pass : { ...pass, plan: options.partOf(pass.plan) };
      options.onEvent({ kind: "looked", round: 1, tookMs: 400, plan: part.plan });
      if (options.approve !== undefined && !(await options.approve(part))) {
        return { outcome: { kind: "interrupted" }, pass: part };
      }
      calls.push("approved");
      return { outcome: (await script.apply?.(options, part)) ?? { kind: "converged" }, pass: part };
    },
    lookForRemoval: async () => ({ ...REMOVAL, ...script.removal }),
    remove: async ({ kind }, { policy, leader }) => {
      calls.push(`remove ${kind} ${policy}${leader === undefined ? "" : `, ${leader} last`}`);
      return { outcome: { kind: "converged" }, pass: { ...REMOVAL, ...script.removal } };
    },
  };
  return { services, calls, store };
}
