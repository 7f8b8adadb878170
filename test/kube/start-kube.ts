import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { toolPaths } from "./assets.ts";
import { startChild } from "./child.ts";
import type { Child, Lifetime } from "./child.ts";
import { compactEtcd } from "./etcd.ts";
import { freePorts } from "./free-ports.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { untilReady } from "./ready.ts";
import {
  adminKubeconfig,
  apiServerArguments,
  certificateFile,
  controllerManagerArguments,
  etcdArguments,
  etcdUrl,
  writeServerSecrets,
} from "./server-arguments.ts";
import type { Layout } from "./server-arguments.ts";
import { createStateFolder, removeStateFolder } from "./state-folder.ts";

/** A real API server on loopback, with etcd behind it. */
export interface Kube {
  /** Kubeconfig of the admin (group system:masters). */
  readonly kubeconfigPath: string;
  readonly url: string;
  readonly adminToken: string;
  /** PEM to trust. */
  readonly certificateAuthority: string;
  /** Process ids of what was started, etcd first. */
  readonly pids: readonly number[];
  /** Runs kubectl as the admin; `input` goes to its standard input. Rejects with what it said when it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** A token of a service account that exists, valid for one hour. */
  tokenFor(namespace: string, serviceAccount: string): Promise<string>;
  /** Path of a kubeconfig of a service account that exists; `url` leads it elsewhere, such as through a proxy. */
  kubeconfigFor(namespace: string, serviceAccount: string, url?: string): Promise<string>;
  /** Stops the API server alone; connections to it are refused until startApiServer(). */
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers, until thaw(). */
  freeze(): void;
  thaw(): void;
  /** Drops etcd's history up to now: older resourceVersions are then gone, once the API server was started anew. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

export interface KubeOptions {
  /** Also run the garbage collector, the namespace and the service-account controller. Default false. */
  readonly controllerManager?: boolean;
  /** Default `with-parent`: nothing outlives this process. */
  readonly lifetime?: Lifetime;
  /** Where its files are; default: a new folder under the system's temporary one, removed by stop(). */
  readonly folder?: string;
}

/** Starts etcd and a kube-apiserver on free ports of loopback, and resolves when it is ready (about 3 s). */
export async function startKube(options: KubeOptions = {}): Promise<Kube> {
  const withControllers = options.controllerManager ?? false;
  const tools = await toolPaths([
    "etcd",
    "kube-apiserver",
    "kubectl",
    ...(withControllers ? (["kube-controller-manager"] as const) : []),
  ]);
  const folder = options.folder ?? createStateFolder();
  const [etcdPort = 0, etcdPeer = 0, api = 0, controllerManager = 0] = await freePorts(4);
  const layout: Layout = {
    folder,
    adminToken: randomBytes(16).toString("hex"),
    ports: { etcd: etcdPort, etcdPeer, api, controllerManager },
  };
  const url = `https://127.0.0.1:${api}`;
  writeServerSecrets(layout);

  const children: Child[] = [];
  const start = (name: string, path: string, args: readonly string[]): Child => {
    const child = startChild(path, args, {
      logFile: join(folder, `${name}.log`),
      lifetime: options.lifetime ?? "with-parent",
    });
    children.push(child);
    // At once, so that even a start that is killed leaves word of what it started.
    appendFileSync(pidFile(folder), `${child.pid}\n`);
    return child;
  };
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop();
    if (options.folder === undefined) removeStateFolder(folder);
  };
  const startApiServer = async (): Promise<Child> => {
    const child = start("kube-apiserver", tools["kube-apiserver"], apiServerArguments(layout));
    await untilReady(child, layout, url);
    return child;
  };

  try {
    const etcd = start("etcd", tools.etcd, etcdArguments(layout));
    let apiServer = await startApiServer();
    const certificateAuthority = readFileSync(certificateFile(folder), "utf8");
    const kubeconfigPath = adminKubeconfig(folder);
    writeKubeconfig(kubeconfigPath, { url, certificateAuthority, token: layout.adminToken, user: "admin" });
    if (withControllers)
      start("kube-controller-manager", tools["kube-controller-manager"], controllerManagerArguments(layout));

    const kubectl: Kube["kubectl"] = async (args, input) => {
      const running = promisify(execFile)(tools.kubectl, ["--kubeconfig", kubeconfigPath, ...args], {
        timeout: 60_000,
        maxBuffer: 64 << 20,
      });
      running.child.stdin?.end(input ?? "");
      return (await running).stdout;
    };
    const tokenFor: Kube["tokenFor"] = async (namespace, account) =>
      (await kubectl(["create", "token", account, "-n", namespace, "--duration=1h"])).trim();
    return {
      kubeconfigPath,
      url,
      adminToken: layout.adminToken,
      certificateAuthority,
      get pids() {
        return [etcd, ...children.slice(1)].filter((child) => child.isRunning()).map((child) => child.pid);
      },
      kubectl,
      tokenFor,
      async kubeconfigFor(namespace, account, through) {
        const path = join(folder, `${namespace}.${account}.${randomBytes(3).toString("hex")}.kubeconfig`);
        const trust = through?.startsWith("http:") === true ? undefined : certificateAuthority;
        writeKubeconfig(path, {
          url: through ?? url,
          certificateAuthority: trust,
          token: await tokenFor(namespace, account),
          user: account,
          namespace,
        });
        return path;
      },
      stopApiServer: () => apiServer.stop(),
      async startApiServer() {
        apiServer = await startApiServer();
      },
      freeze: () => apiServer.signal("SIGSTOP"),
      thaw: () => apiServer.signal("SIGCONT"),
      compact: () => compactEtcd(etcdUrl(etcdPort)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Process ids of everything that was started for a folder, one a line; some may have ended. */
export function pidFile(folder: string): string {
  return join(folder, "pids");
}
