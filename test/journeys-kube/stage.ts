import assert from "node:assert/strict";
import { KINDS, RESOURCE_TYPES } from "../../src/operator/resources/resource-types.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { createReflector } from "../../src/runtime/reflector.ts";
import type { StoredResource } from "../../src/state/live-resource.ts";
import { hasSnapshot, startLab } from "../lab/lab.ts";
import type { Lab } from "../lab/lab.ts";
import { clientOf } from "../kube/client.ts";
import { startKube } from "../kube/start-kube.ts";
import type { Kube } from "../kube/start-kube.ts";
import { startOperatorProcess } from "../kube/operator-process.ts";
import type { OperatorProcess } from "../kube/operator-process.ts";
import { lintStatus } from "../kube/status-linter.ts";
import type { LintedResource } from "../kube/status-linter.ts";
import { until } from "../kube/until.ts";
import { contradictions, verdictsOn } from "../kube/verdicts.ts";
import { asList, labManifest } from "./lab-manifest.ts";
import type { LabManifestOptions } from "./lab-manifest.ts";

/** Hosts, an API server with the definitions, and an eye on every status that is ever written. */
export interface Stage {
  readonly kube: Kube;
  readonly lab: Lab;
  /** Every state of every resource, oldest first. */
  readonly seen: readonly StoredResource[];
  startOperator(...args: readonly string[]): OperatorProcess;
  apply(options: LabManifestOptions): Promise<void>;
  /** A resource as it is now. */
  read(kind: string, name: string, namespace: string): Promise<StoredResource>;
  /** Waits for Ready=True of all resources in a namespace, as people do. */
  untilReady(namespace: string, deadlineMs?: number): Promise<void>;
  /** Rejects unless every status that was seen keeps the rules of kstatus, and Argo CD's script agrees with them. */
  lintAll(): Promise<void>;
  end(): Promise<void>;
}

/**
 * The lab is PGHA_LAB (kept for the next run), or one from PGHA_LAB_SNAPSHOT, which spares it the packages, or a new
 * one.
 */
export async function startStage(newLab: () => Promise<Lab> = startLab): Promise<Stage> {
  const { PGHA_LAB: name, PGHA_LAB_SNAPSHOT: from } = process.env;
  const isSnapshot = from !== undefined && (await hasSnapshot(from));
  const options = { ...(name === undefined ? {} : { name }), ...(isSnapshot ? { from } : {}) };
  const lab = await (name === undefined && !isSnapshot ? newLab() : startLab(options)).catch((error: unknown) => {
    if (name === undefined) throw error;
    return startLab({ name });
  });
  if (name !== undefined) await wipe(lab);
  const kube = await startKube({ controllerManager: true });
  await kube.kubectl(["apply", "-f", new URL("../../crds", import.meta.url).pathname]);
  await kube.kubectl(["wait", "--for=condition=Established", "crd", "--all"]);
  const watching = new AbortController();
  const seen: StoredResource[] = [];
  const client = clientOf(kube.kubeconfigPath);
  const watches = KINDS.map((kind) => {
    const reflector = createReflector<StoredResource>({
      client,
      selection: { type: RESOURCE_TYPES[kind] },
      clock: systemClock,
      log: silentLog,
    });
    reflector.onChange((change) => seen.push(change.object));
    return reflector.run(watching.signal);
  });
  const operators: OperatorProcess[] = [];
  return {
    kube,
    lab,
    seen,
    startOperator(...args) {
      const file = process.env["PGHA_PYSYNCOBJ_FILE"];
      const operator = startOperatorProcess(
        [
          "--kubeconfig",
          kube.kubeconfigPath,
          "--poll",
          "10",
          "--lease-namespace",
          "default",
          ...(file === undefined ? [] : ["--pysyncobj-file", file]),
          ...args,
        ],
        { logFile: `${lab.directory}/operator.log` },
      );
      operators.push(operator);
      return operator;
    },
    async apply(options) {
      await kube.kubectl(["create", "namespace", options.namespace]).catch(() => "");
      await kube.kubectl(["apply", "-f", "-"], asList(labManifest(lab, options)));
    },
    read: async (kind, resource, namespace) =>
      JSON.parse(await kube.kubectl(["get", kind, resource, "-n", namespace, "-o", "json"])) as StoredResource,
    async untilReady(namespace, deadlineMs = 300_000) {
      const wait = ["wait", "--for=condition=Ready", "pgha", "--all", "-n", namespace, "--timeout=50s"];
      await until(`all Ready in ${namespace}`, () => kube.kubectl(wait), deadlineMs).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await kube.kubectl(["get", "pgha", "-n", namespace, "-o", "wide"])}`);
      });
    },
    async lintAll() {
      const verdicts = await verdictsOn(distinct(seen) as readonly LintedResource[]);
      const faults = verdicts.flatMap((verdict) =>
        [...lintStatus(verdict.object), ...contradictions(verdict)].map(
          (fault) => `${fault} ${JSON.stringify(verdict.object)}`,
        ),
      );
      assert.deepEqual(faults, []);
      assert.ok(
        seen.some((resource) => resource.status?.conditions !== undefined),
        "a status was seen",
      );
    },
    async end() {
      await Promise.all(operators.map((operator) => operator.kill()));
      watching.abort();
      await Promise.all(watches);
      client.close();
      await kube.stop();
      if (name === undefined) await lab.down();
    },
  };
}

/** One of those that are judged alike: kinds, names and versions make no difference. */
function distinct(resources: readonly StoredResource[]): readonly StoredResource[] {
  return [
    ...new Map(
      resources.map((resource) => [
        JSON.stringify([resource.metadata.generation, resource.metadata.deletionTimestamp, resource.status]),
        resource,
      ]),
    ).values(),
  ];
}

/** Hosts as they were before pgha came, but for the packages. On disk, too: the power may be cut right after. */
export async function wipe(lab: Lab): Promise<void> {
  await Promise.all(
    lab.hosts.map((host) =>
      lab.exec(
        host.name,
        `
systemctl disable --now patroni pgha-haproxy pgha-pgbouncer >/dev/null 2>&1
rm -rf /opt/keybuzz/postgres/data/{pgdata,raft} /opt/pgha /etc/pgha /etc/patroni/config.yml /etc/postgresql-common/createcluster.d/pgha.conf
rm -rf /etc/systemd/system/pgha-*.service /etc/systemd/system/patroni.service.d
systemctl daemon-reload; systemctl reset-failed; sync; true`,
      ),
    ),
  );
}
