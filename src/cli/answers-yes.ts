import { createInterface } from "node:readline/promises";
import type { Environment } from "./environment.ts";

/** Asks a person; false for anything but yes, and when the signal ends the question. */
export async function answersYes(
  question: string,
  { stdin, stdout }: Environment,
  signal: AbortSignal,
): Promise<boolean> {
  // Not as a terminal: then Ctrl-C stays a signal, which is listened to already.
  const lines = createInterface({ input: stdin, output: stdout, terminal: false });
  try {
    return /^\s*y(?:es)?\s*$/i.test(await lines.question(question, { signal }));
  } catch (error) {
    if (signal.aborted) {
      stdout.write("\n");
      return false;
    }
    throw error;
  } finally {
    lines.close();
  }
}
