/** File modes the way people read them: 0600. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
