/** Collects what a command prints: as bytes, decoded once at the end, so that no character is cut in two. */
export class OutputReader {
  static readonly limitBytes = 8 * 1024 * 1024;

  readonly #chunks: Buffer[] = [];
  #size = 0;
  readonly #onLine: ((line: string) => void) | undefined;
  /** The part of a line that is not complete yet. */
  #rest: Buffer[] = [];

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** False when the output grew above the limit; the chunk is dropped then. */
  add(chunk: Buffer): boolean {
    if (this.#size + chunk.length > OutputReader.limitBytes) {
      return false;
    }
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    if (this.#onLine !== undefined) {
      this.#lines(chunk);
    }
    return true;
  }

  /** Nothing more comes: a last line without its line end is a line too. */
  end(): void {
    if (this.#rest.length > 0) {
      this.#onLine?.(Buffer.concat(this.#rest.splice(0)).toString("utf8"));
    }
  }

  /** Whether the last that came is this, however it was cut up on the way. */
  endsWith(tail: Buffer): boolean {
    let rest = tail;
    for (let index = this.#chunks.length - 1; rest.length > 0; index -= 1) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) return false;
      const length = Math.min(chunk.length, rest.length);
      if (!chunk.subarray(chunk.length - length).equals(rest.subarray(rest.length - length))) return false;
      rest = rest.subarray(0, rest.length - length);
    }
    return true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  /** A line feed byte is never part of another UTF-8 character, so lines can be cut before decoding. */
  #lines(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      this.#onLine?.(Buffer.concat([...this.#rest.splice(0), chunk.subarray(from, at)]).toString("utf8"));
      from = at + 1;
    }
    if (from < chunk.length) {
      this.#rest.push(chunk.subarray(from));
    }
  }
}
