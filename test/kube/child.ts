import { spawn } from "node:child_process";
import { openSync, closeSync, readFileSync } from "node:fs";

/** A server started by the harness. */
export interface Child {
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly ended: Promise<void>;
  isRunning(): boolean;
  /** Sends a signal to the process; nothing happens once it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL when it does not end in time. Also ends a frozen one. */
  stop(): Promise<void>;
}

/** `with-parent`: the kernel kills it when this process dies, however that happens. `detached`: it lives on. */
export type Lifetime = "with-parent" | "detached";

const STOP_DEADLINE_MS = 5_000;

/**
 * Starts a program with its output in a file. Its lifetime is tied by PR_SET_PDEATHSIG (setpriv of util-linux), since
 * an exit handler would not run in a test process that is killed.
 */
export function startChild(
  path: string,
  args: readonly string[],
  options: { readonly logFile: string; readonly lifetime: Lifetime },
): Child {
  const log = openSync(options.logFile, "a", 0o600);
  const tied = options.lifetime === "with-parent";
  const child = spawn(tied ? "setpriv" : path, tied ? ["--pdeathsig", "KILL", "--", path, ...args] : [...args], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  if (!tied) child.unref();
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${path}`);
  return { pid, ended, ...controls(pid, () => child.exitCode === null && child.signalCode === null, ended) };
}

/** The last lines that a server wrote, for the message of a failed start. */
export function tail(logFile: string, lines = 15): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

function controls(
  pid: number,
  isRunning: () => boolean,
  ended: Promise<void>,
): Pick<Child, "isRunning" | "signal" | "stop"> {
  const signal = (name: NodeJS.Signals): void => {
    if (isRunning()) process.kill(pid, name);
  };
  return {
    isRunning,
    signal,
    async stop() {
      if (!isRunning()) return;
      signal("SIGCONT");
      signal("SIGTERM");
      const timer = setTimeout(() => signal("SIGKILL"), STOP_DEADLINE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
