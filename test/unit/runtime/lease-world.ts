import type { ApiClient, ApiRequest } from "../../../src/runtime/api-client.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import { createLeaderElector } from "../../../src/runtime/leader-elector.ts";
import type { LeaderElector } from "../../../src/runtime/leader-elector.ts";
import type { Lease } from "../../../src/runtime/lease.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import type { FakeClock } from "./fake-clock.ts";
import { apiError } from "./scripted-client.ts";

/** One lease on one API server, with the rules that matter: create once, replace only what was read. */
export class LeaseServer {
  lease: Lease | undefined;
  #version = 0;

  answer(request: ApiRequest): Lease {
    const body = request.body as Lease | undefined;
    switch (request.method) {
      case "GET":
        if (this.lease === undefined) throw apiError(404);
        return this.lease;
      case "POST":
        if (this.lease !== undefined) throw apiError(409);
        return this.#store(body);
      case "PUT":
        if (body?.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) throw apiError(409);
        return this.#store(body);
      case "PATCH":
      case "DELETE":
        throw apiError(405);
    }
  }

  #store(body: Lease | undefined): Lease {
    if (body === undefined) throw apiError(400);
    this.#version += 1;
    this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: String(this.#version) } };
    return this.lease;
  }
}

export type Network = "fine" | "requests lost" | "answers lost" | "slow";

const SLOW_MS = 3_000;

/** A replica that can be cut off, slowed down, or stopped like a process by SIGSTOP. */
export class Candidate {
  readonly elector: LeaderElector;
  readonly terms: string[] = [];
  network: Network = "fine";
  readonly #clock: FakeClock;
  #thaw: PromiseWithResolvers<void> | undefined;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(identity: string, server: LeaseServer, clock: FakeClock) {
    this.#clock = clock;
    this.elector = createLeaderElector({
      client: this.#client(server),
      clock: this.#stoppableClock(),
      log: silentLog,
      namespace: "here",
      name: "operator",
      identity,
    });
    this.#running = this.elector.run(this.#stop.signal, async (lost) => {
      this.terms.push("begin");
      const over = AbortSignal.any([lost, this.#stop.signal]);
      if (!over.aborted) await new Promise((resolve) => over.addEventListener("abort", resolve, { once: true }));
      this.terms.push(lost.aborted ? "lost" : "stopped");
    });
  }

  freeze(): void {
    this.#thaw ??= Promise.withResolvers<void>();
  }

  thaw(): void {
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  async stop(): Promise<void> {
    this.thaw();
    this.#stop.abort();
    await this.#running;
  }

  /** A stopped process does not see its timers fire, nor answers arrive, until it goes on. */
  async #awake(): Promise<void> {
    while (this.#thaw !== undefined) await this.#thaw.promise;
  }

  #stoppableClock(): Clock {
    const clock = this.#clock;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: async (milliseconds, signal) => {
        await clock.sleep(milliseconds, signal);
        await this.#awake();
      },
    };
  }

  #client(server: LeaseServer): ApiClient {
    const request = async (asked: ApiRequest): Promise<Lease> => {
      const network = this.network;
      if (network === "slow") await this.#clock.sleep(Math.min(SLOW_MS, asked.timeoutMs ?? SLOW_MS));
      if (network === "requests lost") return this.#timeOut(asked);
      const answer = settled(() => server.answer(asked));
      if (network === "answers lost") return this.#timeOut(asked);
      await this.#awake();
      return answer();
    };
    return { request, stream: () => Promise.reject(apiError(405)), lastContact: () => 0, close: () => {} };
  }

  async #timeOut(asked: ApiRequest): Promise<never> {
    await this.#clock.sleep(asked.timeoutMs ?? 0);
    await this.#awake();
    throw apiError(undefined);
  }
}

/** Does it now, gives the result or the error later. */
function settled<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
