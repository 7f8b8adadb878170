import type { Resource } from "../api/index.ts";
import type { Material } from "../changes/material.ts";
import type { FactSet, Look, SeenHost } from "../facts/fact.ts";
import { lookAt as lookAtHost } from "../facts/look.ts";
import type { Plan } from "../plan/plan.ts";
import type { RemoteShell } from "../shell/shell.ts";
import { oncePer } from "../keep-last.ts";
import { askAll } from "./ask-all.ts";
import { contextOf, partsOf, readInputs } from "./context.ts";
import { bringingImages } from "./container-image.ts";
import { haproxyPool } from "./haproxy-pool/index.ts";
import { pgbouncerPool } from "./pgbouncer-pool/index.ts";
import { postgresHACluster } from "./postgres-ha-cluster/index.ts";
import { hostBaseline } from "./host-baseline/index.ts";
import { findingsOf } from "./findings.ts";
import { heldAside } from "./held-plan.ts";
import type { StackLooks } from "./pools-word.ts";
import type { Built, Context, Findings, Reconcilable } from "./reconciler.ts";
import { nameOf } from "./stack.ts";
import type { Stack } from "./stack.ts";
import type { HostTarget } from "./targets.ts";
import type { World } from "./world.ts";

export type { StackLooks } from "./pools-word.ts";

/** One look at everything, what it means, and what would be done about it. */
export interface Pass extends Findings {
  readonly reconcilables: readonly Reconcilable[];
  readonly looks: StackLooks;
  readonly shellFor: (host: string) => RemoteShell;
  readonly materialFor: (resource: string) => Material;
}

/** For one who wants to hear what is known when a host takes its time: told once at most, and waited for. */
export interface EarlyWord {
  readonly afterMs: number;
  readonly tell: (pass: Pass) => Promise<void>;
}

/** One pass: looks at every host once, plans, reports. Touches nothing. With `only`, for those resources alone. */
export async function lookAndPlan(
  stack: Stack,
  world: World,
  only?: ReadonlySet<string>,
  early?: EarlyWord,
): Promise<Pass> {
  const built = await readAndBuild(stack, world, only);
  const tell =
    early === undefined
      ? undefined
      : { ...early, tell: (looks: StackLooks) => early.tell(passFrom(stack, built, world, looks)) };
  return passFrom(stack, built, world, await lookWith(built, world, tell));
}

/**
 * Looks at every host of the stack, once, side by side, whatever the number of resources on it. With `only`, asks for
 * those resources alone: while one is being waited for, the others need not be asked again and again.
 */
export async function lookAt(stack: Stack, world: World, only?: ReadonlySet<string>): Promise<StackLooks> {
  return lookWith(await readAndBuild(stack, world, only), world);
}

type HostLooks = ReadonlyMap<string, Look<Facts>>;

async function lookWith(
  { reconcilables, targets, questions }: Built,
  world: World,
  early?: { readonly afterMs: number; readonly tell: (looks: StackLooks) => Promise<void> },
): Promise<StackLooks> {
  const ask = async (target: HostTarget) =>
    lookAtHost(world.shellFor(target), questions.get(target.name) ?? {}, { now: world.now });
  const byResource = (answers: HostLooks): StackLooks =>
    new Map(
      reconcilables.map((one) => [
        one.name,
        new Map(one.targets.map((target) => [target.name, ownPart(one.name, answers.get(target.name), target.name)])),
      ]),
    );
  const inTime =
    early === undefined
      ? undefined
      : { afterMs: early.afterMs, tell: (answers: HostLooks) => early.tell(byResource(answers)) };
  return byResource(await askAll([...targets.values()], ask, inTime));
}

/**
 * Plans and reports from looks already taken; with `only`, for those resources alone. Reads secrets and records anew,
 * since a step may have made them. With `focus`, only those resources have steps and waits in the plan, since the looks
 * at the others are older than what was done to them; what stands in the way there still does.
 */
export async function passOver(
  stack: Stack,
  world: World,
  looks: StackLooks,
  only?: ReadonlySet<string>,
  focus?: ReadonlySet<string>,
): Promise<Pass> {
  return passFrom(stack, await readAndBuild(stack, world, only), world, looks, focus);
}

function passFrom(stack: Stack, built: Built, world: World, looks: StackLooks, focus?: ReadonlySet<string>): Pass {
  const { reconcilables, targets } = built;
  return {
    ...findingsOf({ stack, built, looks, focus }, world),
    reconcilables: reconcilables.map((one) => (world.handsOff?.(one.resource) === undefined ? one : heldAside(one))),
    looks,
    shellFor: (host) => {
      const target = targets.get(host);
      if (target === undefined) throw new TypeError(`no resource names a host ${host}`);
      return world.shellFor(target);
    },
    materialFor: (resource) => {
      const found = reconcilables.find((one) => one.name === resource);
      if (found === undefined) throw new TypeError(`no resource ${resource} in this pass`);
      return found.material;
    },
  };
}

const NOTHING: Plan = { steps: [], waits: [], blockers: [], warnings: [] };

/** What of a pass is about one resource (`Kind/name`) alone. */
export function partOf(pass: Pass, name: string): Pass {
  const reconcilables = pass.reconcilables.filter((one) => one.name === name);
  return { ...pass, plan: pass.plans.get(name) ?? NOTHING, reconcilables };
}

async function readAndBuild(stack: Stack, world: World, only: ReadonlySet<string> | undefined): Promise<Built> {
  const inputs = await readInputs(stack, world);
  const make = (): Built => build(contextOf(inputs), only);
  return world.built === undefined ? make() : world.built([...partsOf(inputs), ...(only ?? [])], make);
}

function build(context: Context, only: ReadonlySet<string> | undefined): Built {
  const isAsked = (resource: Resource): boolean => only === undefined || only.has(nameOf(resource));
  const built = [
    ...context.baselines.filter(isAsked).map((baseline) => hostBaseline(baseline, context)),
    ...context.clusters.filter(isAsked).map((cluster) => postgresHACluster(cluster, context)),
    ...context.haproxyPools.filter(isAsked).map((pool) => haproxyPool(pool, context)),
    ...context.pgbouncerPools.filter(isAsked).map((pool) => pgbouncerPool(pool, context)),
  ];
  const reconcilables = built.flatMap((one) => one.reconcilable ?? []).map((one) => bringingImages(one, context));
  const targets = targetsOf(reconcilables);
  const questionsAt = (host: string): FactSet =>
    Object.assign({}, ...reconcilables.map((one) => prefixed(one.name, one.questions.get(host) ?? {}))) as FactSet;
  return {
    reconcilables,
    targets,
    questions: new Map([...targets.keys()].map((host) => [host, questionsAt(host)])),
    blockers: built.flatMap((one) => one.blockers),
  };
}

function targetsOf(reconcilables: readonly Reconcilable[]): ReadonlyMap<string, HostTarget> {
  return new Map(reconcilables.flatMap((one) => one.targets.map((target) => [target.name, target] as const)));
}

/** Shows in the message when an answer makes no sense. No name has a blank. */
const SEPARATOR = " ";

function prefixed(name: string, questions: FactSet): FactSet {
  return Object.fromEntries(Object.entries(questions).map(([key, fact]) => [`${name}${SEPARATOR}${key}`, fact]));
}

type Facts = Readonly<Record<string, unknown>>;

function ownPart(name: string, look: Look<Facts> | undefined, host: string): Look<never> {
  if (look === undefined) return { seen: false, host, reason: "NotLooked", message: "it was not looked at" };
  if (!look.seen) return look;
  const parts = partsOfLook(look.facts);
  const known = parts.get(name);
  if (known?.host === host) return known;
  const own = Object.entries(look.facts)
    .filter(([key]) => key.startsWith(`${name}${SEPARATOR}`))
    .map(([key, value]) => [key.slice(name.length + 1), value]);
  const part: SeenHost<never> = { seen: true, host, facts: Object.fromEntries(own) as never };
  parts.set(name, part);
  return part;
}

/** What each resource (`Kind/name`) has of the answers of a host: the same while they are the same. */
const partsOfLook = oncePer((_: Facts) => new Map<string, SeenHost<never>>());
