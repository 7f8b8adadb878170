/**
 * One string as one word of a POSIX shell, whatever is in it (XCU 2.2.2: nothing is special between single quotes).
 * Refuses what cannot reach the host unchanged: NUL ends an argument, a lone surrogate has no UTF-8 form.
 */
export function quoteWord(text: string): string {
  if (text.includes("\0")) {
    throw new TypeError("a shell word cannot hold a NUL character");
  }
  if (!text.isWellFormed()) {
    throw new TypeError("a shell word cannot hold half of a surrogate pair");
  }
  // Left bare for people's sake. Pure letters or digits could be a reserved word or a file descriptor, `=` an
  // assignment.
  if (/^[A-Za-z0-9_@%+:,./-]+$/.test(text) && /[_@%+:,./-]/.test(text)) {
    return text;
  }
  return `'${text.replaceAll(/'/g, `'\\''`)}'`;
}

/** In a quoted here-document nothing is special; one that stands there as a whole has no value in it. */
const WHOLE_HERE_DOCUMENT = /^<<'([A-Za-z ]+)'\n(?:[^]*?\n)?\1(?=\n|$)/;

/** Where in a script the next character stands. A substitution inside double quotes starts afresh. */
type Place = "plain" | "group" | "substitution" | "arithmetic" | "parameter" | "single" | "double" | "comment";

/**
 * Follows the quoting of a script as it grows, so that a value is only ever put where its own quotes mean something:
 * in `"${value}"` or in a comment they would not, and the value would be run.
 */
export class QuotingState {
  #places: Place[] = ["plain"];
  #previous = "\n";
  #escaped = false;

  /** Why a quoted word may not stand here; undefined when it may. */
  whyNoWord(): string | undefined {
    const place = this.#place();
    if (this.#escaped) {
      return "after a backslash";
    }
    if (place === "plain" || place === "group" || place === "substitution") {
      return this.#previous === "$" ? "after a dollar sign" : undefined;
    }
    return placeInWords[place];
  }

  /** Why the script may not end here; undefined when it may. */
  whyNoEnd(): string | undefined {
    if (this.#escaped) {
      return "after a backslash";
    }
    const open = this.#places.findLast((place) => place !== "plain");
    return open === undefined ? undefined : placeInWords[open];
  }

  /** Takes note of a value that was put in, already quoted. */
  value(): void {
    this.#previous = "value";
  }

  /** Takes note of script text. Throws on the forms whose quoting cannot be followed safely. */
  text(script: string): void {
    if (this.#previous === "value" && /^[<>]/.test(script)) {
      throw new TypeError("put a blank between a value and a redirection: a number there names a file descriptor");
    }
    for (let at = 0; at < script.length; at += 1) {
      at += this.#step(script.charAt(at), script, at);
    }
  }

  /** Reads one character; returns how many more were taken with it. */
  #step(character: string, script: string, at: number): number {
    const place = this.#place();
    const before = this.#previous;
    this.#previous = character;
    if (place === "single" || place === "comment") {
      if (character === (place === "single" ? "'" : "\n")) {
        this.#places.pop();
      }
      return 0;
    }
    if (this.#escaped) {
      this.#escaped = false;
      this.#previous = "escaped";
      return 0;
    }
    if ((character === "'" || character === '"') && before === "$" && place !== "double") {
      throw new TypeError("$'...' is not POSIX");
    }
    switch (character) {
      case "\\":
        this.#escaped = true;
        return 0;
      case "`":
        throw new TypeError("write $(...) instead of backticks");
      case '"':
        return place === "double" ? this.#leave() : this.#enter("double");
      case "'":
        return this.#apostrophe(place);
      case "$":
        return this.#dollar(script, at);
      case "}":
        return place === "parameter" ? this.#leave() : 0;
      default:
        return place === "double" || place === "parameter" ? 0 : this.#unquoted(character, before, script, at);
    }
  }

  #apostrophe(place: Place): number {
    if (place === "parameter") {
      throw new TypeError("a single quote inside ${ } means different things inside and outside double quotes");
    }
    return place === "double" ? 0 : this.#enter("single");
  }

  #dollar(script: string, at: number): number {
    if (script.startsWith("$((", at)) {
      this.#places.push("arithmetic", "arithmetic");
      return 2;
    }
    if (script.startsWith("$(", at)) {
      this.#previous = "(";
      this.#places.push("substitution");
      return 1;
    }
    if (script.startsWith("${", at)) {
      this.#places.push("parameter");
      return 1;
    }
    return 0;
  }

  #unquoted(character: string, before: string, script: string, at: number): number {
    const place = this.#place();
    if (character === "#" && place !== "arithmetic" && /^[\s;&|()]$/.test(before)) {
      return this.#enter("comment");
    }
    if (character === "<" && place !== "arithmetic" && script.startsWith("<<", at)) {
      const whole = WHOLE_HERE_DOCUMENT.exec(script.slice(at))?.[0];
      if (whole !== undefined) return whole.length - 1;
      throw new TypeError("give content on standard input (withInput) instead of a here-document");
    }
    if (
      character === "c" &&
      /^case\s/.test(script.slice(at)) &&
      /^[\s;&|()]$/.test(before) &&
      this.#places.includes("substitution")
    ) {
      throw new TypeError("move `case` out of $( ): its patterns hide where the substitution ends");
    }
    if (character === "(") {
      return this.#enter(place === "arithmetic" ? "arithmetic" : "group");
    }
    // A lone `)` at the top belongs to a case pattern.
    return character === ")" && place !== "plain" ? this.#leave() : 0;
  }

  #place(): Place {
    return this.#places.at(-1) ?? "plain";
  }

  #enter(place: Place): number {
    this.#places.push(place);
    return 0;
  }

  #leave(): number {
    this.#places.pop();
    return 0;
  }
}

const placeInWords: Readonly<Record<Place, string>> = {
  plain: "here",
  group: "inside ( )",
  substitution: "inside $( )",
  arithmetic: "inside $(( ))",
  parameter: "inside ${ }",
  single: "inside single quotes",
  double: "inside double quotes",
  comment: "inside a comment",
};
