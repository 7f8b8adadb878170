import { constants } from "node:os";

/** As a shell reports it: 128 and the signal's number. */
export function exitCodeOfSignal(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ""] ?? 127);
}
