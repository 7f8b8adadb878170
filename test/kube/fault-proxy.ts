import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { performance } from "node:perf_hooks";

/** What a request meets on its way. */
export type Fault =
  /** It goes through, to another path and query if one is given. */
  | { readonly kind: "pass"; readonly url?: string }
  /** It is answered here. */
  | { readonly kind: "answer"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** It is taken and never answered. */
  | { readonly kind: "hang" }
  /** Its connection is reset. */
  | { readonly kind: "reset" };

export interface SeenRequest {
  /** Milliseconds by the monotonic clock. */
  readonly at: number;
  readonly method: string;
  readonly url: string;
}

/** Stands between a client and the API server. It speaks plain HTTP on loopback, so that it can see what it spoils. */
export interface FaultProxy {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** How many connections are open at this moment. */
  openConnections(): number;
  /** Decides over each new request; replace it at will. */
  fault: (request: SeenRequest) => Fault;
  /** Resets every open connection. */
  resetAll(): void;
  /** From now on nothing comes through on connections that are open; they stay open. New ones are as fault says. */
  muteAll(): void;
  close(): void;
}

export async function startFaultProxy(upstream: {
  readonly url: string;
  readonly certificateAuthority: string;
}): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true, ca: upstream.certificateAuthority });
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const muted = new WeakSet<Socket>();

  const server = createServer((incoming, outgoing) => {
    const seen = { at: performance.now(), method: incoming.method ?? "", url: incoming.url ?? "" };
    requests.push(seen);
    if (muted.has(incoming.socket)) return;
    const fault = proxy.fault(seen);
    switch (fault.kind) {
      case "pass":
        return forward(incoming, outgoing, fault.url ?? seen.url);
      case "answer":
        return void outgoing
          .writeHead(fault.status, { "content-type": "application/json", ...fault.headers })
          .end('{"message":"injected"}');
      case "hang":
        return;
      case "reset":
        return void incoming.socket.resetAndDestroy();
    }
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse, url: string): void => {
    const onward = httpsRequest(`${upstream.url}${url}`, {
      method: incoming.method ?? "GET",
      headers: { ...incoming.headers, host: new URL(upstream.url).host },
      agent,
    });
    onward.on("response", (answer) => {
      if (muted.has(incoming.socket)) return answer.destroy();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.on("data", (chunk: Buffer) => void (muted.has(incoming.socket) || outgoing.write(chunk)));
      answer.on("end", () => void (muted.has(incoming.socket) || outgoing.end()));
      answer.on("error", () => muted.has(incoming.socket) || incoming.socket.destroy());
    });
    onward.on("error", () => muted.has(incoming.socket) || incoming.socket.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  };

  await listen(server);
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    openConnections: () => sockets.size,
    fault: () => ({ kind: "pass" }),
    resetAll: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    muteAll: () => sockets.forEach((socket) => muted.add(socket)),
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
  return proxy;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}
