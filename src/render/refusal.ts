import { InvalidInputError } from "../errors.ts";
import type { Problem } from "../errors.ts";

/** What is wrong with one value, or undefined. Never holds the value itself: it may be a secret. */
export type Fault = string | undefined;

/** One value of a renderer's input: its path for people, and what is wrong with it. */
export type Finding = readonly [path: string, fault: Fault];

/**
 * Throws InvalidInputError with all faults at once; returns when there are none. The manifest was validated long before
 * this: here is the last door, so that a hostile value never reaches a file whatever was forgotten upstream.
 */
export function refuseFaults(file: string, findings: Iterable<Finding>): void {
  const problems: Problem[] = [];
  for (const [path, fault] of findings) {
    if (fault !== undefined) problems.push({ resource: file, path, message: fault, wayOut: WAY_OUT });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
}

const WAY_OUT = "change the value in the manifest or in the Secret it comes from";

/** Every entry of a list, looked at by the same rule. */
export function each(path: string, values: readonly string[], rule: (value: string) => Fault): readonly Finding[] {
  return values.map((value, index): Finding => [`${path}[${index}]`, rule(value)]);
}
