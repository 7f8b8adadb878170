import { readFileSync } from "node:fs";
import type { FactOutput } from "../../../src/facts/fact.ts";
import type { RecordedHost } from "../../fixtures/facts/questions.ts";

/** What a real host answered to the questions of test/fixtures/facts/questions.ts. */
export interface Transcript {
  readonly host: RecordedHost;
  readonly outputs: Readonly<Record<string, FactOutput>>;
}

export function readTranscript(name: string): Transcript {
  // Written by test/fixtures/facts/record.ts, which is typed by the same interface.
  return JSON.parse(readFileSync(new URL(`../../fixtures/facts/${name}.json`, import.meta.url), "utf8")) as Transcript;
}

export function answerOf(transcript: Transcript, question: string): FactOutput {
  const output = transcript.outputs[question];
  if (output === undefined) {
    throw new Error(`nobody asked ${question}`);
  }
  return output;
}

/** What a fact gets when its program is missing, hangs, or says nothing. */
export const missing: FactOutput = { exitCode: 127, stdout: "" };
export const hung: FactOutput = { exitCode: 124, stdout: "" };
export const silent: FactOutput = { exitCode: 0, stdout: "" };
