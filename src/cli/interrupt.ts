import type { Signals } from "./environment.ts";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Turns the first Ctrl-C into an abort. From then on signals do what they do by themselves: the second one kills. */
export interface Interrupt {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

export function watchInterrupt(signals: Signals, onFirst: () => void): Interrupt {
  const controller = new AbortController();
  const dispose = (): void => SIGNALS.forEach((name) => signals.off(name, first));
  const first = (): void => {
    dispose();
    controller.abort();
    onFirst();
  };
  SIGNALS.forEach((name) => signals.on(name, first));
  return { signal: controller.signal, dispose };
}
