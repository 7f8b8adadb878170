import type { Invocation } from "./invocation.ts";
import type { LoadedStack } from "./load-stack.ts";
import type { OpenWorld } from "./world.ts";

/** The world of a loaded stack, closed at the end of the `await using` block that holds it. */
export async function worldFor(
  { stack, stateFolder, secrets }: LoadedStack,
  { environment, services, command }: Invocation,
  { exclusive }: { readonly exclusive: boolean } = { exclusive: false },
): Promise<OpenWorld & AsyncDisposable> {
  const world = await services.openWorld({
    stack,
    stateFolder,
    secrets,
    command: `pgha ${command.name()}`,
    exclusive,
    now: environment.now,
  });
  return { ...world, [Symbol.asyncDispose]: async () => world.close() };
}
