import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { questionNumbers } from "./batch.ts";
import type { Answers, ClockReading, Fact, FactOutput, FactSet } from "./fact.ts";

/** When the look began and ended by our own clock, in milliseconds since the epoch. */
export interface OurTimes {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * What a batch printed, read by each fact's own parse. A fact whose answer was cut off or never came counts as hung
 * (124), and has said nothing: of half an answer, what is missing would be taken for absent on the host. Throws
 * BatchError when the batch did not run at all, or when an answer makes no sense to its fact.
 *
 * An answer that is what it was when the same fact was last read is the same object, and so are all of them together.
 */
export function splitBatch<S extends FactSet>(stdout: string, set: S, nonce: string, ours?: OurTimes): Answers<S> {
  const { outputs, hostTimes } = readFrames(stdout, nonce);
  // Where none was answered in time, both ends were told of nevertheless.
  if (outputs.size === 0 && hostTimes.length < 2 && Object.keys(set).length > 0) {
    throw new BatchError("none of the questions was answered");
  }
  const clock = readClock(hostTimes, ours);
  const numberOf = questionNumbers(set);
  const answers: Record<string, unknown> = {};
  for (const [name, fact] of Object.entries(set)) {
    const output = outputs.get(numberOf.get(name) ?? -1) ?? { exitCode: HUNG, stdout: "" };
    answers[name] = readOnce(name, fact, fact.readsClock && clock !== undefined ? { ...output, clock } : output);
  }
  const last = lastAnswers.get(set);
  // The loop above gives every key of S the value of that key's own parse; the type system cannot follow it there.
  if (last !== undefined && Object.entries(answers).every(([name, answer]) => answer === last[name]))
    return last as Answers<S>;
  lastAnswers.set(set, answers);
  return answers as Answers<S>;
}

const lastAnswers = new WeakMap<FactSet, Readonly<Record<string, unknown>>>();

/** The host ran the look but what came back cannot be used. The message names the question. */
export class BatchError extends Error {
  override readonly name = "BatchError";
}

const HUNG = 124;

/**
 * Hosts mostly say what they said last time, and JSON and tables are dear to read. What they say in other words, as how
 * many kilobytes are free of so many megabytes, mostly means the same.
 */
function readOnce(name: string, fact: Fact<unknown>, output: FactOutput): unknown {
  const digest = `${output.exitCode} ${output.clock?.offsetMs ?? ""} ${hash("sha256", output.stdout)}`;
  const last = lastRead.get(fact);
  if (last?.digest === digest) return last.answer;
  const read = readAnew(name, fact, output);
  const answer = last !== undefined && isDeepStrictEqual(last.answer, read) ? last.answer : read;
  lastRead.set(fact, { digest, answer });
  return answer;
}

/** Not the text itself: with many hosts that would be most of what is kept of them. */
const lastRead = new WeakMap<Fact<unknown>, { readonly digest: string; readonly answer: unknown }>();

/** The text by itself: a piece of a string keeps all of it in memory, and so does each piece of the piece. */
function apart(text: string): string {
  return Buffer.from(text).toString();
}

function readAnew(name: string, fact: Fact<unknown>, output: FactOutput): unknown {
  try {
    return fact.parse({ ...output, stdout: apart(output.stdout) });
  } catch (error) {
    throw new BatchError(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/**
 * Cuts at the frame lines. What follows the line that opens a fact is its answer, once the line that closes it came,
 * too.
 */
function readFrames(
  stdout: string,
  nonce: string,
): { outputs: ReadonlyMap<number, FactOutput>; hostTimes: readonly number[] } {
  const outputs = new Map<number, FactOutput>();
  const hostTimes: number[] = [];
  let opened: { readonly number: number; readonly text: string } | undefined;
  for (const piece of stdout.split(`\n${nonce} `).slice(1)) {
    const lineEnd = piece.indexOf("\n");
    const [, word, first = "", code = ""] =
      /^(at|in|out) ([0-9]+)(?: ([0-9]+))?$/.exec(piece.slice(0, Math.max(lineEnd, 0))) ?? [];
    const number = Number(first);
    if (word === "at") {
      hostTimes.push(number);
    } else if (word === "in") {
      opened = { number, text: piece.slice(lineEnd + 1) };
    } else if (word === "out" && opened?.number === number) {
      outputs.set(number, { exitCode: Number(code), stdout: opened.text });
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
  return { offsetMs: Math.round(offsetMs) };
}
