import type { Reason } from "../reasons.ts";
import type { Blocker, Warning } from "./plan.ts";

/** What a check found: all of it at once, never the first one only. */
export interface Findings {
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly Warning[];
}

export const NO_FINDINGS: Findings = { blockers: [], warnings: [] };

/** Collects findings about one host of one resource. */
export class HostFindings implements Findings {
  readonly blockers: Blocker[] = [];
  readonly warnings: Warning[] = [];
  readonly #resource: string;
  readonly #host: string;
  readonly #scope: Blocker["scope"];

  constructor(resource: string, host: string, scope: Blocker["scope"]) {
    this.#resource = resource;
    this.#host = host;
    this.#scope = scope;
  }

  block(reason: Reason, why: string, wayOut: string): void {
    this.blockers.push({ resource: this.#resource, host: this.#host, reason, why, wayOut, scope: this.#scope });
  }

  warn(reason: Reason, message: string): void {
    this.warnings.push({ resource: this.#resource, host: this.#host, reason, message });
  }
}

export function mergeFindings(all: readonly Findings[]): Findings {
  return { blockers: all.flatMap((found) => found.blockers), warnings: all.flatMap((found) => found.warnings) };
}
