/**
 * How many commands run on one connection at a time. First come, first served. OpenSSH refuses more than MaxSessions
 * channels (10, on hardened hosts 4 or less), and frees a channel a moment after the client saw it close.
 */
export class ChannelSlots {
  #limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];
  /** Told when somebody has to wait. */
  readonly #onFull: () => void;

  constructor(limit: number, onFull: () => void = () => {}) {
    this.#limit = limit;
    this.#onFull = onFull;
  }

  /** Whether somebody waits for a slot. */
  get isShort(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits for a free slot. Call the result to give it back. Rejects with the signal's reason when aborted. */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#limit) {
      this.#taken += 1;
    } else {
      const turn = this.#wait(signal);
      this.#onFull();
      await turn;
    }
    let given = false;
    return () => {
      if (!given) {
        given = true;
        this.#taken -= 1;
        this.#next();
      }
    };
  }

  /**
   * The host refused a channel, and the caller gave its slot back: allow only as many as others hold now. False when
   * there is one other at most, which may be the run lock and never end while the caller waits.
   */
  shrink(): boolean {
    if (this.#taken <= 1) {
      return false;
    }
    this.#limit = Math.min(this.#limit, this.#taken);
    return true;
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#waiting.push(start);
    });
  }

  #next(): void {
    if (this.#taken < this.#limit) {
      const start = this.#waiting.shift();
      if (start !== undefined) {
        this.#taken += 1;
        start();
      }
    }
  }
}
