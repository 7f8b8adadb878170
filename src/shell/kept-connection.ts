import { HostUnreachableError } from "../errors.ts";
import { SilentConnectionError } from "./exec-channel.ts";
import type { Connection } from "./ssh-connection.ts";

/**
 * One connection for all commands to a host, made when first asked for, and anew after a loss; a failed attempt is not
 * repeated by itself. On a connection where a command did not end in time nothing new is begun: the host may be cut
 * off, which a dead connection only shows after minutes and a new one at once.
 */
export class KeptConnection {
  readonly #connect: (afterLoss: boolean) => Promise<Connection>;
  readonly #holdFailureMs: number;
  #current: Promise<Connection> | undefined;
  #wasLost = false;
  #failed: { readonly error: HostUnreachableError; readonly atMs: number } | undefined;
  /** Commands that run, by connection: an old one is closed with its last. */
  readonly #running = new Map<Connection, number>();
  readonly #doubted = new Set<Connection>();

  /**
   * `connect` is told whether the connection before this one was lost. Who asks within `holdFailureMs` of a host that
   * could not be reached is told so without another attempt: several ask at once when a host goes.
   */
  constructor(connect: (afterLoss: boolean) => Promise<Connection>, holdFailureMs = 0) {
    this.#connect = connect;
    this.#holdFailureMs = holdFailureMs;
  }

  /**
   * Runs work on the connection. Rejects as connecting and the work do, and with the signal's reason while it connects.
   */
  async use<T>(signal: AbortSignal | undefined, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await unlessAborted(this.#get(), signal);
    this.#running.set(connection, (this.#running.get(connection) ?? 0) + 1);
    try {
      return await work(connection);
    } catch (error) {
      if (isDoubt(error)) this.#doubted.add(connection);
      if (error instanceof SilentConnectionError) this.#wasLost = true;
      throw error;
    } finally {
      this.#left(connection);
    }
  }

  /** What is asked from now on goes over a new connection; the one until now is closed with its last command. */
  async renew(): Promise<void> {
    const current = this.#current;
    const connection = await current?.catch(() => undefined);
    if (this.#current === current) this.#current = undefined;
    if (connection === undefined) return;
    if (this.#running.has(connection)) this.#doubted.add(connection);
    else await connection.close();
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
    if (this.#failed !== undefined && performance.now() - this.#failed.atMs < this.#holdFailureMs)
      throw this.#failed.error;
    const attempt = (this.#current ??= this.#connect(this.#wasLost));
    try {
      const connection = await attempt;
      if (connection.isOpen() && !this.#doubted.has(connection)) {
        this.#wasLost = false;
        return connection;
      }
      if (connection.failure() !== undefined) this.#wasLost = true;
    } catch (error) {
      if (this.#current === attempt) this.#current = undefined;
      if (error instanceof HostUnreachableError && error.reason === "HostUnreachable")
        this.#failed = { error, atMs: performance.now() };
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

function isDoubt(error: unknown): boolean {
  return (
    error instanceof SilentConnectionError ||
    (error instanceof HostUnreachableError && error.reason === "CommandTimedOut")
  );
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
