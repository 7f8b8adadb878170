import type { ClientChannel } from "ssh2";
import type { Connection } from "./ssh-connection.ts";
import { lostConnection } from "./ssh-failure.ts";
import type { SshTarget } from "./ssh-target.ts";

/** The host opens no more channels on this connection; nothing was run. */
export class ChannelRefusedError extends Error {
  override readonly name: string = "ChannelRefusedError";
}

/**
 * Opens a channel, starts something on it, and hands it to `use` in the same turn: a short command may have printed and
 * ended before a promise would get round to listening. Throws ChannelRefusedError when there is no room for one more,
 * HostUnreachableError when the connection was lost.
 */
export function openExecChannel<T>(target: SshTarget, connection: Connection, line: string, use: (channel: ClientChannel) => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      connection.client.exec(line, (error, channel) => {
        if (error === undefined) {
          resolve(use(channel));
        } else {
          reject(isRefusal(error) ? new ChannelRefusedError(error.message, { cause: error }) : lostConnection(target, connection.failure() ?? error));
        }
      });
    } catch (error) {
      // ssh2 throws "Not connected" at once when the socket is gone.
      reject(lostConnection(target, connection.failure() ?? (error as Error)));
    }
  });
}

function isRefusal(error: Error): boolean {
  return "reason" in error || error.message.includes("Channel open failure");
}
