import { questionNumbers } from "./batch.ts";
import type { Answers, ClockReading, Fact, FactOutput, FactSet } from "./fact.ts";

/** When the look began and ended by our own clock, in milliseconds since the epoch. */
export interface OurTimes {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * What a batch printed, read by each fact's own parse. A fact whose answer was cut off or never came counts as hung
 * (124). Throws BatchError when the batch did not run at all, or when an answer makes no sense to its fact.
 */
export function splitBatch<S extends FactSet>(stdout: string, set: S, nonce: string, ours?: OurTimes): Answers<S> {
  const { outputs, hostTimes } = readFrames(stdout, nonce);
  if (outputs.size === 0 && Object.keys(set).length > 0) {
    throw new BatchError("none of the questions was answered");
  }
  const clock = readClock(hostTimes, ours);
  const numberOf = questionNumbers(set);
  const answers: Record<string, unknown> = {};
  for (const [name, fact] of Object.entries(set)) {
    const output = outputs.get(numberOf.get(name) ?? -1) ?? { exitCode: HUNG, stdout: "" };
    answers[name] = fact.readsClock === true ? read(name, fact, clock === undefined ? output : { ...output, clock }) : readOnce(name, fact, output);
  }
  // The loop above gives every key of S the value of that key's own parse; the type system cannot follow it there.
  return answers as Answers<S>;
}

/** The host ran the look but what came back cannot be used. The message names the question. */
export class BatchError extends Error {
  override readonly name = "BatchError";
}

const HUNG = 124;
const KILLED = 137;

/** Hosts mostly say what they said last time, and JSON and tables are dear to read. */
function readOnce(name: string, fact: Fact<unknown>, output: FactOutput): unknown {
  const last = lastRead.get(fact);
  if (last?.output.stdout === output.stdout && last.output.exitCode === output.exitCode) return last.answer;
  const answer = read(name, fact, output);
  lastRead.set(fact, { output, answer });
  return answer;
}

const lastRead = new WeakMap<Fact<unknown>, { readonly output: FactOutput; readonly answer: unknown }>();

function read(name: string, fact: Fact<unknown>, output: FactOutput): unknown {
  try {
    return fact.parse(output);
  } catch (error) {
    throw new BatchError(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Cuts at the frame lines. Text before a frame belongs to the fact that was opened last. */
function readFrames(stdout: string, nonce: string): { outputs: ReadonlyMap<number, FactOutput>; hostTimes: readonly number[] } {
  const outputs = new Map<number, FactOutput>();
  const hostTimes: number[] = [];
  const frame = new RegExp(`\\n${nonce} (?:at (?<at>[0-9]+)|in (?<opened>[0-9]+)|out (?<closed>[0-9]+) (?<code>[0-9]+))\\n`, "g");
  let opened: { readonly number: number; readonly from: number } | undefined;
  for (const match of stdout.matchAll(frame)) {
    const { at, opened: number, closed, code } = match.groups ?? {};
    if (at !== undefined) {
      hostTimes.push(Number(at));
    } else if (number !== undefined) {
      opened = { number: Number(number), from: match.index + match[0].length };
    } else if (opened?.number === Number(closed)) {
      const exitCode = Number(code) === KILLED ? HUNG : Number(code);
      outputs.set(opened.number, { exitCode, stdout: stdout.slice(opened.from, match.index) });
    }
  }
  return { outputs, hostTimes };
}

/**
 * The host's clock was read after ours was at the start, and before ours was at the end; that bounds the offset. Of all
 * offsets within, the one nearest to zero is told: a slow connection must never look like a wrong clock.
 */
function readClock(hostTimes: readonly number[], ours: OurTimes | undefined): ClockReading | undefined {
  const [hostStart, hostEnd] = hostTimes;
  if (ours === undefined || hostStart === undefined || hostEnd === undefined) {
    return undefined;
  }
  const highest = hostStart - ours.startMs;
  const lowest = Math.min(hostEnd - ours.endMs, highest);
  const offsetMs = lowest > 0 ? lowest : Math.min(highest, 0);
  return { offsetMs: Math.round(offsetMs), uncertaintyMs: Math.ceil(highest - lowest) };
}
