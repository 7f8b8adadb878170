import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { artifactSource, imageFolder } from "../../artifacts/index.ts";
import { PghaError } from "../../errors.ts";
import { createOperator } from "../../operator/operator.ts";
import { createApiClient } from "../../runtime/api-client.ts";
import { connectionFrom } from "../../runtime/api-connection.ts";
import { apiContactCheck } from "../../runtime/api-contact.ts";
import { systemClock } from "../../runtime/clock.ts";
import { startHealthServer } from "../../runtime/health-server.ts";
import { jsonLog } from "../../runtime/log.ts";
import { createRuntimeMetrics } from "../../runtime/metrics.ts";
import { EXIT } from "../exit-code.ts";
import { watchInterrupt } from "../interrupt.ts";
import type { Invocation } from "../invocation.ts";
import { artifactFiles } from "./artifact-files.ts";
import type { ArtifactOptions } from "./artifact-files.ts";
import { buildInformation } from "../version/build-information.ts";
import { loadKubeconfig } from "./kubeconfig.ts";

export interface OperatorCommandOptions extends ArtifactOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: readonly string[];
  readonly allowHosts?: readonly string[];
  readonly poll: string;
  readonly concurrentHosts: string;
  readonly port: string;
  readonly bind?: string;
  /** False with --no-leader-election. */
  readonly leaderElection: boolean;
  readonly leaseNamespace?: string;
  readonly leaseName: string;
  readonly identity?: string;
  readonly images?: string;
}

/**
 * Small buffers are slices of a shared one, which lives as long as any of them. Each of hundreds of SSH connections
 * keeps some bytes for good, so with Node's 64 KiB nearly all that were ever made were kept for them.
 */
const SHARED_BUFFER_BYTES = 8_192;

/** Runs the operator until a signal stops it. */
export async function runOperator(options: OperatorCommandOptions, { environment }: Invocation): Promise<number> {
  Buffer.poolSize = SHARED_BUFFER_BYTES;
  const { variables } = environment;
  const log = jsonLog((line) => void environment.stderr.write(line), environment.now);
  const kubeconfig = loadKubeconfig(options);
  const metrics = createRuntimeMetrics();
  const connection = connectionFrom(kubeconfig.config);
  const client = createApiClient({
    connection,
    clock: systemClock,
    userAgent: `pgha-operator/${buildInformation.version}`,
    onAnswer: metrics.apiAnswer(connection.server.host),
  });
  const operator = createOperator({
    client,
    metrics,
    log,
    // A container that is started again in the same pod is another process, and must wait for the old one's lease.
    identity: `${options.identity ?? variables["POD_NAME"] ?? hostname()}-${randomBytes(3).toString("hex")}`,
    pollMs: wholeNumber("--poll", options.poll, 1) * 1000,
    concurrentHosts: wholeNumber("--concurrent-hosts", options.concurrentHosts, 1),
    allowHosts: options.allowHosts ?? [],
    namespaces: [...new Set(options.namespace)],
    ...(options.leaderElection
      ? {
          lease: {
            namespace: options.leaseNamespace ?? variables["POD_NAMESPACE"] ?? kubeconfig.namespace,
            name: options.leaseName,
          },
        }
      : {}),
    artifacts: artifactSource(artifactFiles(options, variables)),
    images: imageFolder(options.images ?? variables["PGHA_IMAGES"]),
  });
  const server = await startHealthServer({
    port: wholeNumber("--port", options.port, 0),
    ...(options.bind === undefined ? {} : { host: options.bind }),
    registry: metrics.registry,
    alive: {},
    ready: { api: apiContactCheck(client, systemClock), synced: () => mustBeSynced(operator.synced()) },
  });
  const interrupt = watchInterrupt(environment.signals, () => log.info("stopping: steps in hand are finished first"));
  log.info("started", { version: buildInformation.version, server: connection.server.href, port: server.port });
  await operator.run(interrupt.signal);
  interrupt.dispose();
  await server.close();
  client.close();
  log.info("stopped");
  return EXIT.ok;
}

function mustBeSynced(isSynced: boolean): void {
  if (!isSynced) throw new Error("not everything that exists is known yet");
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new PghaError(`${option} is ${text}, not a whole number from ${least} up`, {
      reason: "InvalidOption",
      retry: "never",
    });
  return value;
}
