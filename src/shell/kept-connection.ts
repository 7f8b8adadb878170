import { HostUnreachableError } from "../errors.ts";
import type { Connection } from "./ssh-connection.ts";

/**
 * One connection for all commands to a host, made when first asked for, and anew after a loss; a failed attempt is not
 * repeated by itself. On a connection where a command did not end in time nothing new is begun: the host may be cut off,
 * which a dead connection only shows after minutes and a new one at once.
 */
export class KeptConnection {
  readonly #connect: () => Promise<Connection>;
  #current: Promise<Connection> | undefined;
  /** Commands that run, by connection: an old one is closed with its last. */
  readonly #running = new Map<Connection, number>();
  readonly #doubted = new Set<Connection>();

  constructor(connect: () => Promise<Connection>) {
    this.#connect = connect;
  }

  /** Runs work on the connection. Rejects as connecting and the work do, and with the signal's reason while it connects. */
  async use<T>(signal: AbortSignal | undefined, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await unlessAborted(this.#get(), signal);
    this.#running.set(connection, (this.#running.get(connection) ?? 0) + 1);
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof HostUnreachableError && error.reason === "CommandTimedOut") this.#doubted.add(connection);
      throw error;
    } finally {
      this.#left(connection);
    }
  }

  /** Ends the connection, and with it what still runs. */
  async close(): Promise<void> {
    const current = await this.#current?.catch(() => undefined);
    await Promise.all(
      [...new Set([...(current === undefined ? [] : [current]), ...this.#doubted])].map((connection) =>
        connection.close(),
      ),
    );
  }

  async #get(): Promise<Connection> {
    const attempt = (this.#current ??= this.#connect());
    try {
      const connection = await attempt;
      if (connection.isOpen() && !this.#doubted.has(connection)) return connection;
    } catch (error) {
      if (this.#current === attempt) this.#current = undefined;
      throw error;
    }
    if (this.#current === attempt) this.#current = undefined;
    return this.#get();
  }

  #left(connection: Connection): void {
    const others = (this.#running.get(connection) ?? 1) - 1;
    if (others > 0) {
      this.#running.set(connection, others);
      return;
    }
    this.#running.delete(connection);
    if (this.#doubted.delete(connection)) void connection.close();
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
