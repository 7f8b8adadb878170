import { createHash } from "node:crypto";
import type { ClientChannel } from "ssh2";
import { HostUnreachableError } from "../errors.ts";
import { sh } from "./command.ts";
import { loginLine } from "./login-line.ts";
import { openConnection } from "./ssh-connection.ts";
import type { Connection, Transport } from "./ssh-connection.ts";
import { ChannelRefusedError, openExecChannel, StaleConnectionError } from "./exec-channel.ts";
import { nameOf } from "./ssh-target.ts";
import type { Bastion, SshTarget } from "./ssh-target.ts";

/**
 * Connections to bastions, shared by the hosts behind them. Each ends with its last tunnel: there is nothing to close.
 */
export interface BastionPool {
  /** A byte stream from the bastion to an address. Throws what connecting to the bastion throws. */
  openTransport(bastion: Bastion, to: SshTarget): Promise<Transport>;
}

export function bastionPool(): BastionPool {
  const legs = new Map<string, Leg[]>();
  return {
    openTransport: async (bastion, to) => {
      const key = identity(bastion.target);
      const list = legs.get(key) ?? [];
      legs.set(key, list);
      for (;;) {
        const known = freeLeg(list);
        const leg = known ?? addLeg(list, bastion.target);
        try {
          const connection = await leg.connection;
          const use = (channel: ClientChannel): Transport => {
            channel.once("close", () => leave(list, leg));
            return { stream: channel, said: collectErrors(channel) };
          };
          return await (bastion.via === "exec"
            ? openExecChannel(bastion.target, connection, relayLine(to.address, to.port), use)
            : openForward(connection, to, use));
        } catch (error) {
          // A bastion with a smaller MaxSessions gets one more connection, one whose connection died a new one.
          const worthMore = error instanceof ChannelRefusedError || error instanceof StaleConnectionError;
          leg.limit = error instanceof ChannelRefusedError ? leg.tunnels - 1 : 0;
          leave(list, leg);
          if (known === undefined || !worthMore) {
            throw error instanceof HostUnreachableError ? error : noWay(bastion, to, error as Error);
          }
        }
      }
    },
  };
}

/** One connection to a bastion. */
interface Leg {
  readonly connection: Promise<Connection>;
  tunnels: number;
  limit: number;
}

/** A tunnel is a channel, so the same cap as for commands holds. */
const tunnelsPerConnection = 3;

function freeLeg(list: readonly Leg[]): Leg | undefined {
  const leg = list.find((candidate) => candidate.tunnels < candidate.limit);
  if (leg !== undefined) {
    leg.tunnels += 1;
  }
  return leg;
}

function addLeg(list: Leg[], target: SshTarget): Leg {
  const leg: Leg = {
    connection: openConnection(target, target.hostKeys, () => Promise.resolve(undefined)),
    tunnels: 1,
    limit: tunnelsPerConnection,
  };
  list.push(leg);
  const forget = (): void => {
    leg.limit = 0;
    const index = list.indexOf(leg);
    if (index !== -1) {
      list.splice(index, 1);
    }
  };
  leg.connection.then((connection) => connection.client.once("close", forget), forget);
  return leg;
}

function leave(list: Leg[], leg: Leg): void {
  leg.tunnels -= 1;
  if (leg.tunnels === 0 && list.includes(leg)) {
    list.splice(list.indexOf(leg), 1);
    leg.connection.then((connection) => connection.close()).catch(() => undefined);
  }
}

function openForward<T>(connection: Connection, to: SshTarget, use: (channel: ClientChannel) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    connection.client.forwardOut("127.0.0.1", 0, to.address, to.port, (error, channel) => {
      if (error === undefined) {
        resolve(use(channel));
      } else {
        reject(error);
      }
    });
  });
}

/**
 * Joins the channel to a TCP connection with what the bastion has. bash comes first: it is part of every Debian, and
 * unlike nc it ends as soon as either side does. Nothing is forwarded in sshd's sense.
 */
function relayLine(address: string, port: number): string {
  const byBash =
    'exec 3<>"/dev/tcp/$0/$1" || exit 1; exec 4<&0; cat <&3 2>/dev/null & r=$!; cat <&4 >&3 2>/dev/null & ' +
    'w=$!; wait -n "$r" "$w"; kill "$r" "$w" 2>/dev/null; exit 0';
  const byPython =
    "import os,select,socket,sys; s=socket.create_connection((sys.argv[1],int(sys.argv[2])))\nwhile True:\n " +
    " r=select.select([0,s],[],[])[0]\n  if 0 in r:\n    d=os.read(0,65536)\n    if not d: break\n    " +
    "s.sendall(d)\n  if s in r:\n    d=s.recv(65536)\n    if not d: break\n    os.write(1,d)";
  const choose = sh`if command -v bash >/dev/null; then exec bash -c ${byBash} ${address} ${port}; fi
if command -v nc >/dev/null; then exec nc ${address} ${port}; fi
if command -v python3 >/dev/null; then exec python3 -c ${byPython} ${address} ${port}; fi
echo 'neither bash nor nc nor python3 is there' >&2; exit 127`;
  // No login shell sees anything in it, whichever it is.
  return loginLine(["sh", "-c", `eval "$(echo ${Buffer.from(choose.script).toString("base64")} | base64 -d)"`]);
}

function collectErrors(channel: ClientChannel): () => string {
  let text = "";
  channel.stderr.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(0, 500);
  });
  return () => text.trim().split("\n")[0] ?? "";
}

function noWay(bastion: Bastion, to: SshTarget, cause: Error): HostUnreachableError {
  const forbidden = bastion.via === "forward" ? "; where forwarding is forbidden, set via: exec" : "";
  return new HostUnreachableError(
    to.name,
    `${nameOf(to)} cannot be reached: ${nameOf(bastion.target)} opens no channel to it: ${cause.message}${forbidden}`,
    { cause },
  );
}

/** Same way in, same connection. The key text itself stays out of the map. */
function identity(target: SshTarget): string {
  return createHash("sha256")
    .update(JSON.stringify([target.address, target.port, target.user, target.privateKey, target.hostKeys]))
    .digest("hex");
}
