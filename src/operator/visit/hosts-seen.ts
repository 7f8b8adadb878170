import { hostsOf } from "../../api/index.ts";
import type { Look } from "../../facts/fact.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { stackKeyOf } from "../resources/stack-of.ts";
import type { Visit } from "./parts.ts";

/** Says which hosts went or came back since the last look, and has whoever else has them look at once. */
export function noteHosts({ admitted, live, parts, memory }: Visit, pass: Pass): void {
  const before = memory.unseen;
  const looks: ReadonlyMap<string, Look<unknown>> = pass.looks.get(admitted.name) ?? new Map();
  memory.unseen = new Set([...looks].flatMap(([host, look]) => (look.seen ? [] : [host])));
  for (const { name: host, address } of hostsOf(admitted.resource)) {
    const isGone = memory.unseen.has(host);
    if (isGone === before.has(host)) continue;
    const look = looks.get(host);
    if (look?.seen === false)
      parts.announcer.logged("warn", live.current(), look.reason, "Look", `lost: ${look.message}`, host);
    else parts.announcer.logged("info", live.current(), "HostBack", "Look", "it answers again", host);
    parts.hostChanged(address, stackKeyOf(live.current()));
  }
}
