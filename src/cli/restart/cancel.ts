import type { PostgresHACluster } from "../../api/index.ts";
import { nameOf } from "../../reconcilers/stack.ts";
import type { StateStore } from "../../state/index.ts";
import { list } from "../../text/words.ts";
import { EXIT } from "../exit-code.ts";
import type { Screen } from "../screen.ts";

/**
 * Takes back what was decided of restarts and is not done yet: of these members, or of all where none is named. No host
 * is asked or touched, and who restarts at this moment does so to its end.
 */
export async function cancelRestart(
  member: string | undefined,
  clusters: readonly PostgresHACluster[],
  store: StateStore,
  { print, style }: Screen,
): Promise<number> {
  let isAny = false;
  for (const cluster of clusters) {
    const { kind, metadata } = cluster;
    const { operation, ...others } = await store.readRecord(kind, metadata.name);
    const dropped = (operation?.members ?? []).filter(({ name }) => member === undefined || name === member);
    if (operation === undefined || (member !== undefined && dropped.length === 0)) continue;
    isAny = true;
    const members = operation.members.filter((one) => !dropped.includes(one));
    const left = members.length === 0 ? others : { ...others, operation: { ...operation, members } };
    await store.writeRecord(kind, metadata.name, left);
    const who = list(dropped.map(({ name }) => name));
    const rest = `what is left of the restart of ${who}, begun by ${operation.id} at ${operation.since}`;
    print(`${style.good("✓")} ${nameOf(cluster)}: ${rest}, does not happen\n`);
  }
  print(
    isAny
      ? "What waits for a restart waits still: pgha status names it, and pgha apply asks for the restart anew.\n"
      : "No restart is under way.\n",
  );
  return EXIT.ok;
}
