import { isService } from "../../api/index.ts";
import type { ServiceResource } from "../../api/index.ts";
import { madeFor } from "../../credentials/index.ts";
import { madeByUs } from "../../reconcilers/removal/made-by-us.ts";
import type { RemovalWish } from "../../reconcilers/removal/plan.ts";
import { nameOf } from "../../reconcilers/stack.ts";
import { count } from "../../text/words.ts";
import { whileShown } from "../apply/while-shown.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import { withProgressNote } from "../progress-note.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";
import type { OpenWorld } from "../world.ts";
import { isApproved } from "./approval.ts";
import type { DeleteApproval } from "./approval.ts";
import { failureOf } from "./outcome.ts";
import { selection } from "./selection.ts";
import { intentions } from "./text.ts";

export interface DeleteOptions extends StackOptions, DeleteApproval {}

/**
 * Says what would be done, asks, and does it resource by resource; ends at the first of which not all could be done.
 */
export async function runDelete(
  words: readonly string[],
  options: DeleteOptions,
  invocation: Invocation,
): Promise<number> {
  const { environment, services, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  const selected = selection(loaded.stack, words);
  await using world = await worldFor(loaded, invocation, { exclusive: true });
  return await whileShown(invocation, "the steps in hand", async ({ progress, onEvent, signal }) => {
    const touched = selected.filter(isService).filter(({ spec }) => spec.deletionPolicy !== "Retain");
    const note = `looking at ${count(loaded.addresses.size, "host")}`;
    // Who leads is stopped last. Once it is stopped nobody can tell, and nothing depends on it any more.
    const leaders = await withProgressNote(screen, note, async () =>
      touched.some(({ kind }) => kind === "PostgresHACluster")
        ? (await services.lookAndPlan(loaded.stack, world)).statuses
        : new Map<string, never>(),
    );
    const wishes = await Promise.all(
      touched.map(async (resource) => ({
        resource,
        wish: await wishOf(resource, leaders.get(nameOf(resource))?.cluster?.leader, world),
      })),
    );
    const passes = await withProgressNote(screen, note, async () =>
      Promise.all(wishes.map(async ({ resource, wish }) => services.lookForRemoval(resource, wish, world))),
    );
    screen.print(`${intentions(selected, passes, loaded, screen)}\n`);
    if (touched.length > 0 && !(await isApproved(selected, options, invocation, signal))) {
      screen.print("Nothing was changed.\n");
      return signal.aborted ? EXIT.interrupted : EXIT.error;
    }
    for (const { resource, wish } of wishes) {
      const removed = await services.remove(resource, wish, world, { onEvent, signal });
      progress.stop();
      const failure = failureOf(resource, removed, screen);
      if (failure !== undefined) {
        screen.remark(failure.text);
        return failure.code;
      }
      if (wish.policy === "Purge") await forget(resource, world);
      const fate = wish.policy === "Stop" ? "stopped" : "gone";
      screen.print(`${screen.style.good("✓")} ${nameOf(resource)} is ${fate}\n`);
    }
    return EXIT.ok;
  });
}

async function wishOf(
  resource: ServiceResource,
  leader: string | undefined,
  { store }: OpenWorld,
): Promise<RemovalWish> {
  const { systemId } = await store.readRecord(resource.kind, resource.metadata.name);
  return {
    resource: nameOf(resource),
    policy: resource.spec.deletionPolicy === "Purge" ? "Purge" : "Stop",
    made: madeByUs(resource),
    systemId,
    leader,
  };
}

/** The last act: nothing of what the Secrets open, and of what the record guards, is there any more. */
async function forget({ kind, metadata: { name } }: ServiceResource, { store }: OpenWorld): Promise<void> {
  if (kind === "PostgresHACluster")
    for (const secret of (await store.readSecrets()).values())
      if (madeFor(secret) === name) await store.deleteSecret(secret.name);
  await store.deleteRecord(kind, name);
}
