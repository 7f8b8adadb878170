import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { KubeConfig } from "@kubernetes/client-node";
import { createApiClient } from "../../../src/runtime/api-client.ts";
import type { ApiClient } from "../../../src/runtime/api-client.ts";
import { connectionFrom } from "../../../src/runtime/api-connection.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

export type Answerer = (request: IncomingMessage & { readonly body: string }, response: ServerResponse) => void;

export interface ScriptedServer {
  readonly client: ApiClient;
  /** `METHOD path?query` of every request so far. */
  readonly requests: string[];
  /** Method and code of every answer that the client reported. */
  readonly answers: string[];
  readonly connections: () => number;
}

/** An HTTP server in this process that answers as the test says, and a client for it. */
export async function scriptedServer(context: TestContext, answer: Answerer): Promise<ScriptedServer> {
  const requests: string[] = [];
  const answers: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(Object.assign(request, { body: Buffer.concat(chunks).toString() }), response));
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = createApiClient({
    connection: connectionFrom(kubeConfigFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base`)),
    clock: systemClock,
    onAnswer: (method, code) => answers.push(`${method} ${code}`),
  });
  context.after(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return { client, requests, answers, connections: () => connections };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function kubeConfigFor(server: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "test", server, skipTLSVerify: true }, { name: "someone", token: "t0ken" });
  return config;
}
