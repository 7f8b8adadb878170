import type { Look } from "../facts/fact.ts";

/**
 * Asks all at once. Should some not have answered after `afterMs`, what there is so far is told once: a host that hangs
 * must not keep what is known of the others. Rejects as `ask` and `tell` do.
 */
export async function askAll<Target extends { readonly name: string }, F>(
  targets: readonly Target[],
  ask: (target: Target) => Promise<Look<F>>,
  early?: {
    readonly afterMs: number;
    readonly tell: (soFar: ReadonlyMap<string, Look<F>>) => Promise<void>;
  },
): Promise<ReadonlyMap<string, Look<F>>> {
  const answers = new Map<string, Look<F>>();
  const all = Promise.all(targets.map(async (target) => answers.set(target.name, await ask(target))));
  if (early !== undefined && !(await isOverIn(all, early.afterMs))) {
    const soFar = new Map(
      targets.map(({ name }) => [name, answers.get(name) ?? unanswered<F>(name, early.afterMs)] as const),
    );
    const [told] = await Promise.allSettled([early.tell(soFar), all]);
    // Not before: who asks a host once more while it is still being asked would only slow it down.
    if (told.status === "rejected") throw told.reason;
  }
  await all;
  return answers;
}

function unanswered<F>(host: string, afterMs: number): Look<F> {
  return {
    seen: false,
    host,
    reason: "HostSlow",
    message: `it has not answered all questions for ${afterMs / 1000} s; it is still being asked`,
    wayOut: "Wait for its answer. If this stays: log in and see what hangs there.",
  };
}

async function isOverIn(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
