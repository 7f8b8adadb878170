import { createInterface } from "node:readline/promises";
import type { Environment } from "./environment.ts";

/** Asks a person; false for anything but yes, and when the signal ends the question. */
export async function answersYes(question: string, environment: Environment, signal: AbortSignal): Promise<boolean> {
  return /^\s*y(?:es)?\s*$/i.test((await answerTo(question, environment, signal)) ?? "");
}

/** What a person answers; undefined when the signal ends the question. */
export async function answerTo(
  question: string,
  { stdin, stdout }: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  // Not as a terminal: then Ctrl-C stays a signal, which is listened to already.
  const lines = createInterface({ input: stdin, output: stdout, terminal: false });
  try {
    return await lines.question(question, { signal });
  } catch (error) {
    if (signal.aborted) {
      stdout.write("\n");
      return undefined;
    }
    throw error;
  } finally {
    lines.close();
  }
}
