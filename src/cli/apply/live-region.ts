/** The last lines of a terminal, drawn over in place; what is kept scrolls up above them. */
export class LiveRegion {
  readonly #write: (text: string) => void;
  #lines: readonly string[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Shows these lines in place of the last ones. Lines must not be wider than the screen. */
  draw(lines: readonly string[]): void {
    if (lines.length > 0 || this.#lines.length > 0) {
      this.#write(`${this.#clear()}${lines.map((line) => `${line}\n`).join("")}`);
    }
    this.#lines = lines;
  }

  /** Puts lines above for good. */
  keep(lines: readonly string[]): void {
    if (lines.length > 0) {
      this.#write(`${this.#clear()}${[...lines, ...this.#lines].map((line) => `${line}\n`).join("")}`);
    }
  }

  #clear(): string {
    return this.#lines.length === 0 ? "" : `\u001B[${this.#lines.length}A\r\u001B[J`;
  }
}
