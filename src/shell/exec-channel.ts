import type { ClientChannel } from "ssh2";
import type { Connection } from "./ssh-connection.ts";
import { lostConnection } from "./ssh-failure.ts";
import type { SshTarget } from "./ssh-target.ts";

/** The host opens no more channels on this connection; nothing was run. */
export class ChannelRefusedError extends Error {
  override readonly name: string = "ChannelRefusedError";
}

/** The connection turned out to be dead: nothing was run, or only what may be run again. */
export class StaleConnectionError extends Error {
  override readonly name: string = "StaleConnectionError";
}

/**
 * Nothing at all came back on a connection where the first word comes within milliseconds: it is dead, or its host is.
 */
export class SilentConnectionError extends StaleConnectionError {
  override readonly name: string = "SilentConnectionError";
}

/**
 * Opens a channel, starts something on it, and hands it to `use` in the same turn: a short command may have printed and
 * ended before a promise would get round to listening. Throws ChannelRefusedError when there is no room for one more,
 * StaleConnectionError when the connection was lost before that, HostUnreachableError when it was lost later.
 */
export function openExecChannel<T>(
  target: SshTarget,
  connection: Connection,
  line: string,
  use: (channel: ClientChannel) => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      connection.client.exec(line, (error, channel) => {
        if (error === undefined) {
          resolve(use(channel));
        } else {
          reject(openFailure(target, connection, error));
        }
      });
    } catch (error) {
      // ssh2 throws "Not connected" at once when the socket is gone.
      void connection.close();
      reject(new StaleConnectionError("the connection is gone", { cause: connection.failure() ?? error }));
    }
  });
}

function openFailure(target: SshTarget, connection: Connection, error: Error): Error {
  if ("reason" in error || error.message.includes("Channel open failure")) {
    return new ChannelRefusedError(error.message, { cause: error });
  }
  // What ssh2 says of a channel that was still to be opened. Of one that was open it says "Unable to exec".
  return error.message === "No response from server"
    ? new StaleConnectionError(error.message, { cause: connection.failure() ?? error })
    : lostConnection(target, connection.failure() ?? error);
}
