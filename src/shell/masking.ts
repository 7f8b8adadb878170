import type { Command } from "./command.ts";
import { formsOf } from "./secret-forms.ts";
import type { Form } from "./secret-forms.ts";
import type { RunResult } from "./shell.ts";

/**
 * What a host said, for people: whatever was sent there that nobody may see is `***`, in every form in which it was
 * sent, a part of it too. The text of a success is for programs, and stays as it is.
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
  return hide(text, [...secrets].flatMap(formsOf));
}

/** Hides in a text what a command brings along for nobody's eyes. */
export function maskOf(command: Pick<Command, "secrets" | "stdin">): (text: string) => string {
  const { secrets = [], stdin = "" } = command;
  let forms: readonly Form[] | undefined;
  return (text) => {
    if (text === "") return text;
    forms ??= [
      ...secrets.flatMap((one) => formsOf(one.reveal())),
      ...(command.secrets === undefined ? [] : String(stdin).split("\n"))
        .filter((line) => BASE64_LINE.test(line))
        .map((line) => ({ text: line, run: RUN })),
    ];
    return hide(forms.length === 0 ? text : shortened(text), forms);
  };
}

/** Nobody reads more of a failure, and to look for secrets in megabytes takes seconds. */
const LONGEST = 32 * 1024;

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)}\n...\n${text.slice(-LONGEST / 2)}`;
}

/** Inputs of several commands go as lines of base64. */
const BASE64_LINE = /^[A-Za-z0-9+/]{24,}={0,2}$/;

/** A run of so many characters of a secret is one, whatever stands around it. */
const RUN = 8;

/** Nobody has to know what these belong to: a verifier serves for a login, or to guess the password. */
const BY_SHAPE = /(?<=SCRAM-SHA-256\$[0-9]{1,9}:)[\w+/=]{8,}\$[\w+/=:]+|\bmd5[0-9a-fA-F]{32}\b/g;

/**
 * A text is compared with each form as it stands but for blanks and line ends, and once more without all else that
 * programs put in when they quote, wrap and escape, in whatever letter case.
 */
function hide(text: string, forms: readonly Form[]): string {
  const hidden = new Uint8Array(text.length);
  for (const found of text.matchAll(BY_SHAPE)) hidden.fill(1, found.index, found.index + found[0].length);
  markRuns(text, forms, unwrapped, 1, hidden);
  markRuns(text, forms, lettersAndDigits, RUN_OF_LETTERS, hidden);
  let shown = "";
  let from = 0;
  for (let start = hidden.indexOf(1); start !== -1; start = hidden.indexOf(1, from)) {
    const end = hidden.indexOf(0, start);
    shown += `${text.slice(from, start)}***`;
    from = end === -1 ? text.length : end;
  }
  return shown + text.slice(from);
}

/** Some characters of a text, and where each of them stood. */
interface View {
  readonly text: string;
  readonly at: Uint32Array;
}

function unwrapped(text: string): View {
  return viewOf(text, /\S+/g);
}

function lettersAndDigits(text: string): View {
  return viewOf(text.replaceAll(/\p{Lu}/gu, smallOf), /[\p{L}\p{N}]+/gu);
}

/** Of the same length, which a text as a whole need not keep. */
function smallOf(letter: string): string {
  const small = letter.toLowerCase();
  return small.length === letter.length ? small : letter;
}

function viewOf(text: string, pieces: RegExp): View {
  const at = new Uint32Array(text.length);
  const kept: string[] = [];
  let count = 0;
  for (const { 0: piece, index } of text.matchAll(pieces)) {
    kept.push(piece);
    for (let offset = 0; offset < piece.length; offset += 1) at[count++] = index + offset;
  }
  return { text: kept.join(""), at };
}

/** Hides the pieces of the forms that stand in the text, of at least so many characters or the whole of a form. */
function markRuns(
  whole: string,
  forms: readonly Form[],
  viewed: (text: string) => View,
  least: number,
  hidden: Uint8Array,
): void {
  const { text, at } = viewed(whole);
  const saidAnyway = viewed(SAID_ANYWAY).text;
  const usual: { readonly from: number; readonly to: number }[] = [];
  const places = new Map<number, ReadonlyMap<string, readonly number[]>>();
  for (const one of forms) {
    const form = viewed(one.text).text;
    const length = Math.min(Math.max(one.run, least), form.length);
    // A few letters left of a secret that is made of marks may stand anywhere.
    if (length === 0 || (length < SHORTEST && form !== one.text)) continue;
    const inText = places.get(length) ?? piecesOf(text, length);
    places.set(length, inText);
    for (let start = 0; start + length <= form.length; start += 1) {
      const piece = form.slice(start, start + length);
      for (const from of inText.get(piece) ?? []) {
        const place = { from: at[from] ?? 0, to: (at[from + length - 1] ?? 0) + 1 };
        if (saidAnyway.includes(piece)) usual.push(place);
        else hidden.fill(1, place.from, place.to);
      }
    }
  }
  for (const { from, to } of usual) if (hidden.subarray(from, to).includes(1)) hidden.fill(1, from, to);
}

/** What complaints about passwords consist of. A password that has a piece of it in it is not told by that. */
const SAID_ANYWAY =
  "invalid password authentication failed for user, no password supplied, wrong password given, the " +
  "password of the role, SASL authentication failed, server login failed";

const SHORTEST = 5;
/** Longer than "password", which is in many a password and in most complaints about one. */
const RUN_OF_LETTERS = 10;

/** Where each piece of that length stands in a text. */
function piecesOf(text: string, length: number): ReadonlyMap<string, readonly number[]> {
  const pieces = new Map<string, number[]>();
  for (let from = 0; from + length <= text.length; from += 1) {
    const piece = text.slice(from, from + length);
    const places = pieces.get(piece);
    if (places === undefined) pieces.set(piece, [from]);
    else places.push(from);
  }
  return pieces;
}
