import { isService } from "../../api/index.ts";
import { lookAt } from "../../facts/look.ts";
import { identityQuestions } from "../../reconcilers/identity.ts";
import { clusterOfPool } from "../../reconcilers/pools-word.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import { acceptHostKeys } from "../hosts/accept-host-keys.ts";
import type { AskIdentity } from "../hosts/accept-host-keys.ts";
import { keepFinalizer } from "../removal/finalizer.ts";
import { admitStack } from "./admit.ts";
import type { Admitted } from "./admit.ts";
import { nameData } from "./keep-secrets.ts";
import { lookAndAct } from "./look-and-act.ts";
import type { Resident, Visit, VisitParts } from "./parts.ts";
import { isReachedOtherwise } from "./reached-otherwise.ts";
import { refuse } from "./refuse.ts";
import { through } from "./through.ts";
import type { Outcomes } from "./through.ts";
import { whyUnlooked } from "./unlooked.ts";
import { waitForCredentials } from "./wait-for-credentials.ts";
import { withHosts } from "./with-hosts.ts";
import { keyRefusal, storeOf, worldOf } from "./world-of.ts";

interface StackVisit {
  /** Of the stack. */
  readonly key: string;
  readonly residents: readonly Resident[];
  /** Those that are not being deleted. */
  readonly staying: readonly Resident[];
  readonly outcomes: Outcomes;
  readonly context: ReconcileContext;
  readonly parts: VisitParts;
}

type Candidate = Resident & { readonly admitted: Admitted };

/** Judges the resources of a stack that stay, and looks at the hosts of all that may be looked at, together. */
export async function visitAdmitted(visit: StackVisit): Promise<void> {
  const { key, residents, staying, outcomes, context, parts } = visit;
  const stored = new Map(residents.map((one) => [one.live.current(), one]));
  const verdicts = admitStack([...stored.keys()], { ...parts, keep: parts.memories.ofStack(key).verdict });
  const admitted = new Map<string, Admitted>();
  const held = await through(staying, outcomes, async ({ name, live }) => {
    const verdict = verdicts.get(live.current());
    if (verdict === undefined) throw new TypeError(`${name} was not judged`);
    if ("refusal" in verdict) return refuse(live, verdict.refusal, parts);
    admitted.set(name, verdict.admitted);
    await keepFinalizer(live);
    return undefined;
  });
  const candidates = held.flatMap((one): readonly Candidate[] => {
    const own = admitted.get(one.name);
    return own === undefined ? [] : [{ ...one, admitted: own }];
  });
  const unlooked = async ({ admitted, live, memory }: Candidate, error: unknown): Promise<void> => {
    const refusal = whyUnlooked(error, admitted, memory, parts);
    if (refusal !== undefined) await refuse(live, refusal, parts);
  };
  const stage = (all: readonly Candidate[], work: Parameters<typeof through<Candidate>>[2]) =>
    through(all, outcomes, work, unlooked);
  const valid = candidates.flatMap(({ admitted }) => (admitted.invalid === undefined ? [admitted.resource] : []));
  const alike = await stage(candidates, async ({ live, admitted }) =>
    admitted.invalid !== undefined && isReachedOtherwise(admitted.resource, valid)
      ? refuse(live, admitted.invalid, parts)
      : undefined,
  );
  if (alike.length === 0) return;
  try {
    await withHosts(
      alike.map(({ admitted }) => admitted.resource),
      context,
      parts,
      () => visitHosts(alike),
    );
  } catch (error) {
    // Of what all have in common.
    await stage(
      alike.filter(({ name }) => !outcomes.has(name)),
      () => Promise.reject(error),
    );
  }

  async function visitHosts(all: readonly Candidate[]): Promise<void> {
    const [first] = all;
    if (first === undefined) return;
    const { stack, stored: versions } = first.admitted;
    const inputs = { stack, stored: versions, residents, parts };
    const store = storeOf(inputs);
    const secrets = await store.readSecrets();
    const reachable = await stage(all, async ({ admitted, live }) => {
      const refusal = keyRefusal(admitted.resource, secrets);
      return refusal === undefined ? undefined : refuse(live, admitted.invalid ?? refusal, parts);
    });
    const looked = reachable.map(({ admitted }) => admitted.resource);
    const { built, findings } = parts.memories.ofStack(key);
    const world = await worldOf(inputs, store, looked, { built, findings });
    let isTaken = false;
    const known = await stage(reachable, async ({ admitted: { resource }, live }) => {
      // What a baseline covers is approved where it is listed.
      if (!isService(resource)) return undefined;
      const ask: AskIdentity = async (target) =>
        lookAt(world.shellFor(target), identityQuestions([resource]), { now: world.now });
      if (await acceptHostKeys(resource, live, parts, ask)) isTaken = true;
      return undefined;
    });
    // Whatever was read before knows another key.
    if (isTaken) return void (await stage(known, () => Promise.resolve({ kind: "again", afterMs: 1 })));
    const isPool = ({ admitted }: Candidate): boolean => clusterOfPool(admitted.resource) !== undefined;
    const waiting = known.some(isPool) ? await waitForCredentials(stack, world) : undefined;
    const ready = await stage(known, async (one) => {
      const { admitted, live } = one;
      if (admitted.invalid === undefined) await nameData(admitted, live, parts);
      return waiting === undefined || !isPool(one) ? undefined : refuse(live, admitted.invalid ?? waiting, parts);
    });
    const visits = ready.map((one): Visit => ({ ...one, context, parts, world }));
    if (visits.length > 0)
      await lookAndAct(visits, { stack, outcomes, unlooked: (one, error) => unlooked(one, error) });
  }
}
