import type { HostBaseline } from "../../api/index.ts";
import type { Material } from "../../changes/material.ts";
import type { FactSet } from "../../facts/fact.ts";
import type { Blocker } from "../../plan/plan.ts";
import type { Context, Looks, Reconcilable } from "../reconciler.ts";
import { targetsOf } from "../targets.ts";
import { desireHostBaseline } from "./desire.ts";
import { questionsFor } from "./observe.ts";
import type { BaselineLooks } from "./observe.ts";
import { planHostBaseline } from "./plan.ts";
import { reportHostBaseline } from "./report.ts";
import { resolveHostBaseline } from "./resolve.ts";

/** A HostBaseline, ready to be looked at and planned for. */
export function hostBaseline(
  baseline: HostBaseline,
  context: Context,
): { readonly reconcilable?: Reconcilable; readonly blockers: readonly Blocker[] } {
  const { resolved, blockers } = resolveHostBaseline(baseline, context);
  if (resolved === undefined) return { blockers };
  const desired = desireHostBaseline(resolved);
  return {
    blockers,
    reconcilable: {
      resource: baseline,
      name: resolved.name,
      targets: targetsOf(baseline),
      questions: new Map(desired.hosts.map((host): [string, FactSet] => [host.name, questionsFor(host)])),
      // No step of its is about an account.
      material: NO_MATERIAL,
      secretWishes: [],
      plan: (looks) => planHostBaseline(desired, typed(looks)),
      report: (looks, plan) => reportHostBaseline(desired, typed(looks), plan),
      // Hosts and what is recorded of them are of the resources that list them.
      left: () => [],
      record: (_, before) => before,
    },
  };
}

const NO_MATERIAL: Material = {
  get credentials(): never {
    throw new TypeError("a HostBaseline needs no credentials");
  },
  postgresqlPort: 0,
};

/** The engine carries looks without knowing their shape; it is the one of the questions above. */
function typed(looks: Looks): BaselineLooks {
  return looks as unknown as BaselineLooks;
}
