import type { Screen } from "./screen.ts";

/** Shows a note on the terminal while something takes its time, and takes it away again. Elsewhere says nothing. */
export async function withProgressNote<T>(screen: Screen, note: string, work: () => Promise<T>): Promise<T> {
  if (!screen.isTerminal || screen.log !== undefined) {
    return work();
  }
  screen.remark(screen.style.dim(`… ${note}`));
  try {
    return await work();
  } finally {
    screen.remark("\r\u001B[K");
  }
}
