import type { Command } from "./command.ts";
import type { RunResult } from "./shell.ts";

/**
 * What a host said, for people: whatever was sent there that nobody may see is `***`, in every form in which it was sent, a
 * part of it too. The text of a success is for programs, and stays as it is.
 */
export function maskedResult(command: Command, result: RunResult): RunResult {
  if (result.stderr === "" && (result.exitCode === 0 || result.stdout === "")) return result;
  const mask = maskOf(command);
  return {
    exitCode: result.exitCode,
    stdout: result.exitCode === 0 ? result.stdout : mask(result.stdout),
    stderr: mask(result.stderr),
  };
}

/** Hides secrets in a text, in whatever way they were written. */
export function masked(text: string, secrets: Iterable<string>): string {
  return maskTokens(text, [...secrets].flatMap(formsOf));
}

function maskOf(command: Command): (text: string) => string {
  if (command.secrets === undefined) return (text) => text;
  const tokens = [
    ...command.secrets.flatMap((one) => formsOf(one.reveal())),
    ...String(command.stdin ?? "")
      .split("\n")
      .filter((line) => BASE64_LINE.test(line)),
  ];
  return (text) => maskTokens(text, tokens);
}

/** Inputs of several commands go as lines of base64. */
const BASE64_LINE = /^[A-Za-z0-9+/]{24,}={0,2}$/;

/** A run of so many characters of a secret is one, whatever stands around it. */
const RUN = 8;

function maskTokens(text: string, tokens: readonly string[]): string {
  const runs = new Set<string>();
  let shown = text;
  for (const token of new Set(tokens)) {
    if (token.length < RUN) shown = shown.replaceAll(token, "*".repeat(token.length));
    for (let at = 0; at + RUN <= token.length; at += 1) runs.add(token.slice(at, at + RUN));
  }
  let result = "";
  let hiddenTo = 0;
  for (let at = 0; at < shown.length; at += 1) {
    if (runs.has(shown.slice(at, at + RUN))) {
      if (hiddenTo <= at) result += "***";
      hiddenTo = at + RUN;
    }
    if (at >= hiddenTo) result += shown.charAt(at);
  }
  return result.replaceAll(/\*{4,}/g, "***");
}

/** A secret as it may stand in a command's input: in YAML, SQL, ini files, connection strings, JSON, URLs, shell words. */
function formsOf(value: string): readonly string[] {
  // How a verifier begins says nothing: SCRAM-SHA-256$4096:
  const text = value.replace(/^SCRAM-SHA-256\$[0-9]+:/, "");
  if (text === "") return [];
  const json = JSON.stringify(text).slice(1, -1);
  const written = new Set([
    text,
    json,
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    text.replaceAll("\\", "\\\\"),
    text.replaceAll("\\", "\\\\").replaceAll("'", "''"),
    text.replaceAll("\\", "\\\\").replaceAll("'", "\\'"),
    text.replaceAll("\\", "\\\\").replaceAll('"', '\\"'),
    text.replaceAll("\\", "\\\\").replaceAll(":", "\\:"),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("%", "%%"),
    encodeURIComponent(text),
    encodeURIComponent(text).replaceAll(/[!'()*~._-]/g, percent),
    ...text.split("\n").filter((line) => line.length >= RUN),
  ]);
  return [...written].flatMap((form) => [form, ...base64Of(form), ...hexOf(form)]);
}

function percent(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** What does not depend on what stands before and after it, for each way it may lie in groups of three bytes. */
function base64Of(text: string): readonly string[] {
  return [0, 1, 2]
    .map((before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
      const whole = bytes.toString("base64").replaceAll("=", "");
      return whole.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
    })
    .filter((form) => form.length >= 4);
}

function hexOf(text: string): readonly string[] {
  const hex = Buffer.from(text).toString("hex");
  return hex.length < RUN ? [] : [hex, hex.toUpperCase()];
}
