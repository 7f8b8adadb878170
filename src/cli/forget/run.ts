import { PghaError } from "../../errors.ts";
import { forgetHost } from "../../reconcilers/forget-host.ts";
import { formerPools } from "../../reconcilers/former-pools.ts";
import type { Forgetting } from "../../reconcilers/forget-host.ts";
import { count } from "../../text/words.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import { withProgressNote } from "../progress-note.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import type { StateStore } from "../../state/index.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";

/**
 * Looks whether anything counts on the hosts still, and forgets those that nothing does; ends at the first that is
 * refused.
 */
export async function runForget(
  hosts: readonly string[],
  options: StackOptions,
  invocation: Invocation,
): Promise<number> {
  const { environment, services, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  await using world = await worldFor(loaded, invocation, { exclusive: true });
  for (const host of hosts) {
    if (host.includes("/")) {
      await forgetPool(host, loaded.stack, world.store);
      screen.print(`${screen.style.good("✓")} nothing is known of ${host} any more\n`);
      continue;
    }
    const pass = await withProgressNote(screen, `looking at ${count(loaded.addresses.size, "host")}`, async () =>
      services.lookAndPlan(loaded.stack, world),
    );
    const found = await forgetHost(host, pass, world.store);
    refuse(host, found);
    for (const { resource } of found.filter(({ kind }) => kind === "forgotten"))
      screen.print(`${screen.style.good("✓")} ${resource} does not know ${host} any more\n`);
  }
  return EXIT.ok;
}

/** A pool that is in no manifest any more. */
async function forgetPool(name: string, stack: Stack, store: StateStore): Promise<void> {
  const former = formerPools(stack, (await store.readRecords?.()) ?? new Map());
  if (!former.some((pool) => pool.name === name))
    throw new PghaError(`${name} is no pool that left these manifests`, {
      reason: "HostNotForgotten",
      retry: "never",
      wayOut: "pgha plan names those that did, under PoolUndeclared",
    });
  const [kind = "", pool = ""] = name.split("/");
  await store.removeRecord?.(kind, pool);
}

function refuse(host: string, found: readonly Forgetting[]): void {
  const inUse = found.find((each) => each.kind === "in-use");
  if (inUse !== undefined)
    throw new PghaError(`${host} is not forgotten: in ${inUse.resource} it ${inUse.why}`, {
      reason: "HostInUse",
      retry: "never",
      wayOut: "pgha plan prints how it leaves, in order; this is the last thing to do",
    });
  if (found.some(({ kind }) => kind === "forgotten")) return;
  const listed = found.find(({ kind }) => kind === "listed");
  throw new PghaError(
    listed === undefined ? `nothing is known of a host ${host}` : `${host} is a host of ${listed.resource}`,
    {
      reason: "HostNotForgotten",
      retry: "never",
      wayOut:
        listed === undefined
          ? "pgha plan names the hosts that left the manifest"
          : "take it off the list in the manifest first; then pgha plan says how it leaves",
    },
  );
}
