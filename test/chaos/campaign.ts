import { setInterval as every } from "node:timers";
import { Clients } from "../../bench/clients.ts";
import type { ClientsReport } from "../../bench/clients.ts";
import { startPackagedLab } from "../journeys/support/packaged-lab.ts";
import { startStage } from "../journeys-kube/stage.ts";
import type { Stage } from "../journeys-kube/stage.ts";
import { until } from "../kube/until.ts";
import { Claims } from "./claims.ts";
import type { Lie } from "./claims.ts";
import { Observer } from "./observer.ts";
import { play } from "./play.ts";
import { sequenceOf } from "./sequence.ts";
import type { Place } from "./sequence.ts";
import { chaosManifest, clientLogin, NAMESPACE } from "./stack.ts";
import { falsehoods, leadersOf } from "./truth.ts";
import type { Declared, Kind } from "./truth.ts";

/** pgha looks every so often at hosts that are as they should be. */
const POLL_SECONDS = 10;
/** A look that meets a host which says nothing ends after this long. */
const LOOK_SECONDS = 10;

export interface Outcome {
  readonly clients: ClientsReport;
  /** What was called Ready for longer than a poll and a look, and was not. */
  readonly lies: readonly Lie[];
  /** The longest that was, lie or not. */
  readonly longest: Lie | undefined;
  /** What is not as declared at the end, in words. */
  readonly left: readonly string[];
}

export interface CampaignOptions {
  readonly seed: number;
  /** How long faults begin and edits are made. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** Brings a stack up, breaks and edits it by a seed while clients write, heals it, and says how it went. */
export async function campaign({ seed, seconds, say }: CampaignOptions): Promise<Outcome> {
  const stage = await startStage(startPackagedLab);
  const ends: (() => unknown)[] = [async () => stage.end()];
  try {
    const claims = new Claims();
    const start = async () => {
      const operator = stage.startOperator("--poll", `${POLL_SECONDS}`, "--no-leader-election");
      await operator.url();
      claims.works(performance.now());
      return operator;
    };
    let operator = await start();
    await stage.kube.kubectl(["create", "namespace", NAMESPACE]);
    await stage.kube.kubectl(["apply", "-f", "-"], chaosManifest(stage.lab));
    await stage.untilReady(NAMESPACE);
    const login = await clientLogin(stage);
    const observer = new Observer(stage.lab, login);
    ends.push(async () => observer.stop());
    let heard = 0;
    const look = (): void => {
      const now = performance.now();
      for (; heard < stage.seen.length; heard += 1) {
        const resource = stage.seen[heard];
        if (resource !== undefined) claims.heard(resource, now);
      }
      claims.look(observer.now(), now);
    };
    await until("all is as declared, by what hosts say", () => left(stage, observer).length === 0, 60_000).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}: ${left(stage, observer).join("; ")}`);
      },
    );
    const watch = every(look, 250);
    ends.push(() => clearInterval(watch));
    const clients = await Clients.start({
      ...login,
      places: ["proxy-01", "proxy-02"].map((name) => ({ host: stage.lab.host(name).address, port: 6432 })),
      table: "chaos",
      connections: 8,
      pauseMs: 150,
    });
    const began = performance.now();
    const tell = (line: string): void => say(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)}  ${line}`);
    let lastLeader = "db-master-01";
    await play(sequenceOf(seed, seconds), {
      stage,
      say: tell,
      roles: () => {
        [lastLeader = lastLeader] = leadersOf(observer.now());
        return rolesWith(lastLeader);
      },
      async killPgha() {
        claims.works(undefined);
        await operator.kill();
        operator = await start();
      },
    });
    tell("all is healed");
    const problems: string[] = [];
    await stage.untilReady(NAMESPACE, 240_000).catch(() => problems.push(...notReady(stage)));
    tell(problems.length === 0 ? "all is Ready" : "time is up");
    await until(
      "hosts say so, too",
      () => left(stage, observer).length === 0,
      (POLL_SECONDS + LOOK_SECONDS) * 1000,
    ).catch(() => problems.push(...left(stage, observer)));
    const report = await clients.stop();
    const [longest] = claims.lies();
    const lies = claims.lies().filter(({ seconds: lasted }) => lasted > POLL_SECONDS + LOOK_SECONDS);
    return { clients: report, lies, longest, left: problems };
  } finally {
    if (process.env["CHAOS_KEEP"] !== undefined) await keep(stage, say);
    for (const end of ends.toReversed()) await end();
  }
}

/** Leaves it all as it is, to be looked at, until whoever started it ends it. */
async function keep({ lab, kube }: Stage, say: (line: string) => void): Promise<void> {
  say(`kept until SIGUSR2 comes to process ${process.pid}: PGHA_LAB=${lab.name}, KUBECONFIG=${kube.kubeconfigPath}`);
  await new Promise((resolve) => process.once("SIGUSR2", resolve));
}

/** What each resource says in place of Ready. */
function notReady(stage: Stage): readonly string[] {
  return ["PostgresHACluster", "HAProxyPool", "PgBouncerPool"].flatMap((kind) => {
    const { status } = stage.seen.findLast((resource) => resource.kind === kind) ?? {};
    const said = (status?.conditions ?? []).filter(
      ({ type, status: is }) => (type === "Ready" && is !== "True") || (type === "Degraded" && is === "True"),
    );
    return said.map(({ type, reason, message }) => `${kind} says ${type} ${reason}: ${message}`);
  });
}

function rolesWith(leader: string): ReadonlyMap<Place, string> {
  const [first = "", second = ""] = ["db-master-01", "db-slave-01", "db-slave-02"].filter((name) => name !== leader);
  return new Map<Place, string>([
    ["leader", leader],
    ["first standby", first],
    ["second standby", second],
    ["proxy-01", "proxy-01"],
    ["proxy-02", "proxy-02"],
  ]);
}

/** What is not as the resources declare it now, by what hosts say. */
function left(stage: Stage, observer: Observer): readonly string[] {
  const samples = observer.now();
  return (["PostgresHACluster", "HAProxyPool", "PgBouncerPool"] as const satisfies readonly Kind[]).flatMap((kind) => {
    const newest = stage.seen.findLast((resource) => resource.kind === kind);
    return newest === undefined ? [`there is no ${kind}`] : falsehoods(kind, newest.spec as Declared, samples);
  });
}
