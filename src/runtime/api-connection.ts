import { Agent as HttpAgent } from "node:http";
import type { OutgoingHttpHeaders } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { ApiError } from "./api-error.ts";

/** How to reach the API server, and as whom. */
export interface ApiConnection {
  readonly server: URL;
  /**
   * Address, TLS material, headers and agent for one request; asked each time, since tokens and certificates rotate.
   */
  options(): Promise<RequestOptions>;
  /** Closes the connections that are open and not in use. */
  dropIdle(): void;
  close(): void;
}

/**
 * Idle connections are closed before a load balancer would forget them; keepalive probes find dead peers in 20 s. As
 * many are kept as visits write side by side: each more would be a TLS handshake a moment later.
 */
const AGENT = { keepAlive: true, keepAliveMsecs: 10_000, timeout: 30_000, maxFreeSockets: 32 };

/**
 * Takes who and where from a kubeconfig, with everything that client-node knows of it (exec plugins, in-cluster,
 * proxies; and a tokenFile, once addTokenFiles has told it), and pools the connections itself: client-node makes a new
 * agent, hence a TLS handshake, for each request, and its agents send no keepalive that would find a half-open watch.
 */
export function connectionFrom(kubeConfig: KubeConfig): ApiConnection {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new ApiError("the kubeconfig names no cluster");
  const server = new URL(cluster.server);
  const agent = server.protocol === "http:" ? new HttpAgent(AGENT) : new HttpsAgent(AGENT);
  return {
    server,
    async options() {
      const options: RequestOptions = {};
      await kubeConfig.applyToHTTPSOptions(options);
      trimAuthorization(options);
      if (cluster.proxyUrl === undefined) options.agent = agent;
      return {
        ...options,
        protocol: server.protocol,
        hostname: server.hostname.replace(/^\[|\]$/g, ""),
        port: server.port,
      };
    },
    dropIdle() {
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    },
    close: () => agent.destroy(),
  };
}

/** A token file may end with a line break, which client-node passes on and no header can hold. */
function trimAuthorization({ headers }: RequestOptions): void {
  if (headers === undefined || Array.isArray(headers)) return;
  const own = headers as OutgoingHttpHeaders;
  const { Authorization: authorization } = own;
  if (typeof authorization === "string") own["Authorization"] = authorization.trim();
}
