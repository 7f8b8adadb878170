import { quoteWord, QuotingState } from "./quoting.ts";
import { isSecret, secret } from "./secret.ts";
import type { Secret } from "./secret.ts";
import type { Feed, Sink } from "./streams.ts";

export { secret };
export type { Secret } from "./secret.ts";
export type { Feed, Sink } from "./streams.ts";

/** Something for a host to run. Build it with `sh`; it holds no secret but in `stdin`. */
export interface Command {
  /** POSIX shell script the host runs. */
  readonly script: string;
  /** The same for people: input is named by size, never shown. */
  readonly display: string;
  /** What the script reads on standard input. The one way for a secret to a host. */
  readonly stdin?: string | Buffer;
  /** What it reads after that, too large to be held in memory. */
  readonly feed?: Feed;
  /** Where what it prints goes, if that is too large to be held in memory: then it is no part of the result. */
  readonly sink?: Sink;
  /** Set where the input is for nobody's eyes: what in it must not be shown, should the host print it. */
  readonly secrets?: readonly Secret[];
  /**
   * It only looks, reads its input line by line and not a line more than it is given, and leaves nothing behind that
   * prints. Where the same is asked again and again it may be kept running, and be given its next input, instead of
   * being started anew.
   */
  readonly repeatable?: true;
}

/** Trusted script text, put in as it stands. */
export interface RawText {
  readonly kind: "raw";
  readonly text: string;
}

/** What may be interpolated: a string or number becomes one word, a list as many words as it has items. */
export type ShellValue = string | number | readonly (string | number)[] | Command | RawText;

/**
 * A command from a template: sh`install -m 0600 ${path} ${target}`.
 *
 * Every interpolated string is quoted, so the host sees exactly that text as one word, with nothing expanded
 * (an option's dash stays an option: write `--` where it matters). Commands are spliced in as script; the input of
 * at most one of them is carried along. The template is taken as written, so `\n` reaches the shell as `\n`; only
 * \` and \${ lose their backslash. Throws TypeError for NUL, for a Secret, and where quotes around the value would
 * make its own quoting void: write sh`echo ${value}`, not sh`echo "${value}"`.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly ShellValue[]): Command {
  const state = new QuotingState();
  const inputs: Input[] = [];
  let script = "";
  let display = "";
  const put = (text: string, shown: string): void => {
    script += text;
    display += shown;
  };
  for (const [index, literal] of strings.raw.entries()) {
    const text = literal.replaceAll(/\\(`|\$\{)/g, "$1");
    state.text(text);
    put(text, text);
    if (index >= values.length) {
      continue;
    }
    const value = values[index];
    if (isSecret(value)) {
      throw new TypeError("a secret cannot be part of a script: give it on standard input with withStdin");
    }
    if (typeof value === "number") {
      put(numberWord(value), String(value));
      state.value();
    } else if (isRaw(value)) {
      state.text(value.text);
      put(value.text, value.text);
    } else if (typeof value === "string" || isList(value)) {
      refusePlace(state, "a value");
      const words = (typeof value === "string" ? [value] : value).map(word).join(" ");
      put(words, words);
      state.value();
    } else if (isCommand(value)) {
      refusePlace(state, "a command");
      put(value.script, value.display);
      state.text(value.script);
      inputs.push(value);
    } else {
      throw new TypeError(`cannot put ${value === null ? "null" : typeof value} into a script`);
    }
  }
  const end = state.whyNoEnd();
  if (end !== undefined) {
    throw new TypeError(`the script ends ${end}: ${script}`);
  }
  // One text where both say the same. To compare them also makes one piece of the thousands that a script is put
  // together of.
  return command(script, display === script ? script : display, inputs);
}

/** Script text from a trusted source, for interpolation without quotes. */
export function raw(text: string): RawText {
  return { kind: "raw", text };
}

/** One script of several commands, run in order; the first that fails, or an unset variable, ends it (`set -eu`). */
export function script(lines: readonly Command[]): Command {
  return command(
    ["set -eu", ...lines.map((line) => line.script)].join("\n"),
    lines.map((line) => line.display).join("\n"),
    lines,
  );
}

/** The same command with a text or bytes on its standard input. */
export function withInput(base: Command, input: string | Buffer): Command {
  const bytes = typeof input === "string" ? Buffer.byteLength(input) : input.length;
  return addInput(base, input, `(${bytes} bytes)`);
}

/** The same command with a large input, which is not read before it is wanted. */
export function withFeed(base: Command, feed: Feed): Command {
  if (base.stdin !== undefined || base.feed !== undefined) {
    throw new TypeError(`the command has input already: ${base.display}`);
  }
  return { ...base, display: `${base.display} < (${feed.bytes} bytes)`, feed };
}

/** The same command, with what it prints on standard output going elsewhere. */
export function withSink(base: Command, sink: Sink): Command {
  return { ...base, sink };
}

/**
 * The same command with something on its standard input that nobody may see, not even its size. Of the whole of it,
 * `secrets` are what is hidden if the host prints it; the rest may be quoted when it complains.
 */
export function withStdin(
  base: Command,
  content: Secret | string | Buffer,
  secrets: readonly (Secret | string)[] = [],
): Command {
  return withSecrets(addInput(base, isSecret(content) ? content.reveal() : content, "(secret)"), secrets);
}

/** The same command, with more that must not be shown if the host prints it. */
export function withSecrets(base: Command, secrets: readonly (Secret | string)[]): Command {
  // Not spread: its display may be made only when it is asked for.
  const { script: text, stdin, feed, sink, repeatable } = base;
  return {
    script: text,
    get display() {
      return base.display;
    },
    ...(stdin === undefined ? {} : { stdin }),
    ...(feed === undefined ? {} : { feed }),
    ...(sink === undefined ? {} : { sink }),
    ...(repeatable === undefined ? {} : { repeatable }),
    secrets: [...(base.secrets ?? []), ...secrets.map((one) => (isSecret(one) ? one : secret(one)))],
  };
}

/** The script of a command as one quoted word, for `sh -c` and its like: sh`su postgres -c ${asWord(inner)}`. */
export function asWord(inner: Command): Command {
  return command(quoteWord(inner.script), quoteWord(inner.display), [inner]);
}

function addInput(base: Command, input: string | Buffer, shown: string): Command {
  if (base.stdin !== undefined || base.feed !== undefined) {
    throw new TypeError(`the command has input already: ${base.display}`);
  }
  const { repeatable, secrets, sink } = base;
  return {
    script: base.script,
    stdin: input,
    get display() {
      return `${base.display} < ${shown}`;
    },
    ...(sink === undefined ? {} : { sink }),
    ...(repeatable === undefined ? {} : { repeatable }),
    ...(secrets === undefined ? {} : { secrets }),
  };
}

type Input = Pick<Command, "stdin" | "feed" | "sink" | "secrets">;

function command(text: string, display: string, parts: readonly Input[]): Command {
  const [stdin, ...more] = parts.flatMap((part) => (part.stdin === undefined ? [] : [part.stdin]));
  const [feed, ...others] = parts.flatMap((part) => (part.feed === undefined ? [] : [part.feed]));
  if (more.length + others.length > 0 || (stdin !== undefined && feed !== undefined)) {
    throw new TypeError(`two parts of one script want standard input: ${display}`);
  }
  const [sink, ...sinks] = parts.flatMap((part) => (part.sink === undefined ? [] : [part.sink]));
  if (sinks.length > 0) throw new TypeError(`two parts of one script have their output taken: ${display}`);
  const hasSecrets = parts.some(({ secrets }) => secrets !== undefined);
  return {
    script: text,
    display,
    ...(stdin === undefined ? {} : { stdin }),
    ...(feed === undefined ? {} : { feed }),
    ...(sink === undefined ? {} : { sink }),
    ...(hasSecrets ? { secrets: secretsOf(parts) } : {}),
  };
}

/** What parts of one command must not show, together. */
export function secretsOf(parts: readonly Pick<Command, "secrets">[]): readonly Secret[] {
  return [...new Set(parts.flatMap(({ secrets = [] }) => secrets))];
}

function refusePlace(state: QuotingState, what: string): void {
  const reason = state.whyNoWord();
  if (reason !== undefined) {
    throw new TypeError(`${what} cannot stand ${reason}: it is quoted by itself`);
  }
}

function word(value: unknown): string {
  if (typeof value === "string") {
    return quoteWord(value);
  }
  if (typeof value === "number") {
    return numberWord(value);
  }
  throw new TypeError("a list in a script holds strings and numbers only");
}

function numberWord(value: number): string {
  if (!Number.isFinite(value)) {
    throw new TypeError(`${value} is not a number to give to a host`);
  }
  return String(value);
}

function isRaw(value: ShellValue | undefined): value is RawText {
  return typeof value === "object" && "kind" in value;
}

function isList(value: ShellValue | undefined): value is readonly (string | number)[] {
  return Array.isArray(value);
}

function isCommand(value: ShellValue | undefined): value is Command {
  return typeof value === "object" && value !== null && "script" in value;
}
