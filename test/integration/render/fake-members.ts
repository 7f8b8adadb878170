import { createServer as createHttp } from "node:http";
import { createServer as createTcp } from "node:net";
import type { Server } from "node:net";

/** Members of a cluster as HAProxy sees them: a REST API that knows who leads, and a port that says its own address. */
export interface FakeMembers {
  readonly addresses: readonly string[];
  readonly restApiPort: number;
  readonly postgresqlPort: number;
  /** Whoever answers 200 to /primary; all others do to /replica. */
  lead(address: string): void;
  /** Members that serve nobody, and are neither primary nor replica. */
  readonly away: Set<string>;
  stop(): Promise<void>;
}

const ADDRESSES = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
const REST_API_PORT = 18008;
const POSTGRESQL_PORT = 15432;

export async function startFakeMembers(
  firstLeader: string,
  { restApiPort = REST_API_PORT, postgresqlPort = POSTGRESQL_PORT } = {},
): Promise<FakeMembers> {
  let leader = firstLeader;
  const away = new Set<string>();
  const servers: Server[] = ADDRESSES.flatMap((address) => [
    createHttp((request, response) => {
      const good =
        !away.has(address) &&
        request.method === "OPTIONS" &&
        (request.url === "/primary" ? address === leader : request.url === "/replica" && address !== leader);
      response.writeHead(good ? 200 : 503).end();
    }).listen(restApiPort, address),
    createTcp((socket) => {
      socket.on("error", () => socket.destroy());
      if (away.has(address)) return socket.destroy();
      socket.write(`${address}\n`);
    }).listen(postgresqlPort, address),
  ]);
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve, reject) => {
          if (server.listening) resolve();
          server.once("listening", resolve).once("error", reject);
        }),
    ),
  );
  return {
    addresses: ADDRESSES,
    restApiPort,
    postgresqlPort,
    away,
    lead: (address) => {
      leader = address;
    },
    stop: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
