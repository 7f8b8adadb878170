import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { messageOf } from "./log.ts";

/** Fine when it returns; what it throws is shown. */
export type HealthCheck = () => void | Promise<void>;

export interface HealthServerOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Default: all addresses, since a kubelet asks from outside. */
  readonly host?: string;
  readonly registry: Registry;
  /** By name. /healthz failing gets the process restarted, so only what a restart would mend belongs there. */
  readonly alive: Readonly<Record<string, HealthCheck>>;
  readonly ready: Readonly<Record<string, HealthCheck>>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves /metrics, /healthz and /readyz; rejects when the port cannot be had. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => response.writeHead(500).end(messageOf(error)));
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { port, host }: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HealthServerOptions): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return void response.writeHead(405, { allow: "GET, HEAD" }).end();
  switch (request.url?.split("?")[0] ?? "") {
    case "/metrics":
      return void response
        .writeHead(200, { "content-type": options.registry.contentType })
        .end(await options.registry.metrics());
    case "/healthz":
      return report(response, options.alive);
    case "/readyz":
      return report(response, options.ready);
    default:
      return void response.writeHead(404).end();
  }
}

/** In the format of the API server's own /readyz?verbose. */
async function report(response: ServerResponse, checks: Readonly<Record<string, HealthCheck>>): Promise<void> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({ name, failure: await failureOf(check) })),
  );
  const lines = results.map(({ name, failure }) =>
    failure === undefined ? `[+]${name} ok` : `[-]${name} failed: ${failure}`,
  );
  const isFine = results.every(({ failure }) => failure === undefined);
  response
    .writeHead(isFine ? 200 : 503, { "content-type": "text/plain; charset=utf-8" })
    .end([...lines, isFine ? "ok" : "not ok", ""].join("\n"));
}

async function failureOf(check: HealthCheck): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
