// One replica of a widget operator, as a process of its own: node replica.ts KUBECONFIG IDENTITY
// It says `act AT` whenever it acts, AT by the monotonic clock that all processes share, and `hand AT` when it finished
// the work in hand.
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createLeaderElector } from "../../../src/runtime/leader-elector.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { clientOf, createWidgetOperator } from "./widgets.ts";

const [kubeconfigPath = "", identity = ""] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

const client = clientOf(kubeconfigPath);
const elector = createLeaderElector({
  client,
  clock: systemClock,
  log: silentLog,
  namespace: "default",
  name: "widget-operator",
  identity,
  times: { durationMs: 6_000, renewDeadlineMs: 4_000, retryMs: 500 },
});
const operator = createWidgetOperator({
  client,
  elector,
  async reconcile(_, context) {
    context.assertMayAct();
    say("act");
    await sleep(30);
    say("hand");
    return { kind: "again", afterMs: 1 };
  },
});
await operator.run(stop.signal);
client.close();

function say(word: string): void {
  process.stdout.write(`${word} ${process.hrtime.bigint() / 1_000_000n}\n`);
}
