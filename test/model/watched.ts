import { HAPPENINGS } from "./happenings.ts";
import { INVARIANTS } from "./invariants.ts";
import type { Cause, Moment } from "./invariants.ts";
import type { ModelWorld } from "./model-world.ts";
import { sightOf } from "./sight.ts";
import type { Sight } from "./sight.ts";

export interface Script {
  /** What happens, one after the other, each at some moment. */
  readonly happenings: readonly { readonly what: string; readonly host: string }[];
  /** Decides which of several things comes next, each time that it is open. 0: always the plainest. */
  readonly chance: number;
}

/** An invariant that did not hold, with what led to it. */
export class InvariantBrokenError extends Error {
  override readonly name: string = "InvariantBrokenError";
  readonly invariant: string;

  constructor(invariant: string, why: string, story: readonly string[]) {
    super(`${invariant}: ${why}\n  ${story.slice(-40).join("\n  ")}`);
    this.invariant = invariant;
  }
}

/** A world that is watched at every moment: whoever acts in it does so through this. */
export class Watched {
  readonly model: ModelWorld;
  readonly story: string[] = [];
  #chance: number;
  #before: Sight;
  readonly #policy: Moment["policy"];
  readonly #surprises = new Set<string>();

  constructor(model: ModelWorld, chance: number, policy?: Moment["policy"]) {
    this.model = model;
    this.#chance = chance;
    this.#before = sightOf(model);
    this.#policy = policy;
  }

  /** A number below `among`; 0 is the plainest. */
  choose(among: number): number {
    if (this.#chance === 0) return 0;
    // A linear congruence is chance enough (the constants are those of Numerical Recipes); its high bits are the better ones.
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0 || 1;
    return Math.floor((this.#chance / 2 ** 32) * among);
  }

  /** What happened before is seen. */
  looked(): void {
    this.#surprises.clear();
  }

  check(cause: Cause, what: string): void {
    this.story.push(what);
    const after = sightOf(this.model, this.#before);
    const moment: Moment = {
      before: this.#before,
      after,
      cause,
      surprises: this.#surprises,
      ...(this.#policy === undefined ? {} : { policy: this.#policy }),
    };
    for (const { name, broken } of INVARIANTS) {
      const why = broken(moment);
      if (why !== undefined) throw new InvariantBrokenError(name, why, this.story);
    }
    this.#before = after;
  }

  pass(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.model.tick(1);
      this.check("time", `${this.model.clock / 1000 - 1_700_000_000} s`);
    }
  }

  happen({ what, host }: Script["happenings"][number]): void {
    const happening = HAPPENINGS[what];
    if (happening === undefined) throw new TypeError(`nobody knows what it is that ${what}`);
    happening.does(this.model, this.model.host(host));
    this.#surprises.add(host);
    this.check(happening.cause, `${host} ${what}`);
  }
}
