import type { StoredResource } from "../../src/state/live-resource.ts";
import { falsehoods } from "./truth.ts";
import type { Declared, Kind, Samples } from "./truth.ts";

/** What was said and was not so, for how long. */
export interface Lie {
  readonly kind: Kind;
  readonly what: string;
  readonly seconds: number;
}

interface Claim {
  readonly sinceMs: number;
  readonly declared: Declared;
}

/**
 * Compares what pgha says with what is so: of each Ready=True, since when it stands, and of each thing that is not as
 * declared, since when. Both count from when pgha runs: one that was killed takes nothing back.
 */
export class Claims {
  readonly #claims = new Map<Kind, Claim>();
  readonly #specs = new Map<string, Declared>();
  readonly #since = new Map<string, number>();
  readonly #longest = new Map<string, Lie>();
  #worksSinceMs: number | undefined;

  /** pgha works from now on, or does not. */
  works(nowMs: number | undefined): void {
    this.#worksSinceMs = nowMs;
  }

  /** A resource as the API server has it now. */
  heard(resource: StoredResource & { readonly spec?: unknown }, nowMs: number): void {
    const kind = resource.kind as Kind;
    const { generation } = resource.metadata;
    this.#specs.set(`${kind} ${generation}`, resource.spec as Declared);
    const ready = resource.status?.conditions?.find(({ type }) => type === "Ready");
    const declared = this.#specs.get(`${kind} ${resource.status?.observedGeneration}`);
    if (ready?.status !== "True" || declared === undefined) this.#claims.delete(kind);
    else {
      const before = this.#claims.get(kind);
      const sinceMs = before?.declared === declared ? before.sinceMs : nowMs;
      this.#claims.set(kind, { sinceMs, declared });
    }
  }

  /** What is claimed and not so, now, each with since when that is so. */
  look(samples: Samples, nowMs: number): void {
    const still = new Set<string>();
    for (const [kind, { declared, sinceMs }] of this.#claims) {
      for (const what of falsehoods(kind, declared, samples)) {
        const key = `${kind}: ${what}`;
        still.add(key);
        const since = this.#since.get(key) ?? nowMs;
        this.#since.set(key, since);
        if (this.#worksSinceMs === undefined) continue;
        const seconds = (nowMs - Math.max(since, sinceMs, this.#worksSinceMs)) / 1000;
        if (seconds > (this.#longest.get(key)?.seconds ?? 0)) this.#longest.set(key, { kind, what, seconds });
      }
    }
    for (const key of this.#since.keys()) if (!still.has(key)) this.#since.delete(key);
  }

  /** The longest of each that was ever seen, the longest first. */
  lies(): readonly Lie[] {
    return [...this.#longest.values()].toSorted((one, other) => other.seconds - one.seconds);
  }
}
