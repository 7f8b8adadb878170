import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { HostUnreachableError, PghaError } from "../errors.ts";
import { openExecChannel } from "./exec-channel.ts";
import type { ExecRequest } from "./exec-line.ts";
import { OutputReader } from "./output-reader.ts";
import type { RunOptions, RunResult } from "./shell.ts";
import type { Connection } from "./ssh-connection.ts";
import { lostConnection } from "./ssh-failure.ts";
import { nameOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh-target.ts";

/** Runs one request to its end, as RemoteShell.run promises. Throws ChannelRefusedError as well: nothing was run then. */
export async function runOverSsh(target: SshTarget, connection: Connection, request: ExecRequest, options: RunOptions): Promise<RunResult> {
  const started = performance.now();
  const over = new Ending();
  const outcome = openExecChannel(target, connection, request.line, (channel) => {
    over.upon(() => channel.close());
    feed(channel, request.input, options, over);
    return resultOf(target, connection, channel, options.onLine);
  });
  try {
    const result = await Promise.race([outcome, deadline(target, options.deadlineMs, over), ...(options.signal === undefined ? [] : [aborted(options.signal, over)])]);
    if (result.exitCode === exitCodeOfTimeout && performance.now() - started >= options.deadlineMs) {
      throw deadlinePassed(target, options.deadlineMs);
    }
    return result;
  } finally {
    over.come();
  }
}

/** The end of a command, whichever way it comes. An AbortController would do, at the price of events for three listeners. */
class Ending {
  #acts: (() => void)[] | undefined = [];

  /** Has something done at the end; at once if that has come. */
  upon(act: () => void): void {
    if (this.#acts === undefined) act();
    else this.#acts.push(act);
  }

  come(): void {
    const acts = this.#acts ?? [];
    this.#acts = undefined;
    for (const act of acts) act();
  }
}

/** timeout(1) exits with this when it had to end the command. */
const exitCodeOfTimeout = 124;

/** The host's own timeout(1) speaks first; this is how much later we give up on hearing from it. */
const localGraceMs = 1_000;

function resultOf(target: SshTarget, connection: Connection, channel: ClientChannel, onLine: RunOptions["onLine"]): Promise<RunResult> {
  const stdout = new OutputReader(onLine);
  const stderr = new OutputReader();
  return new Promise((resolve, reject) => {
    let exitCode: number | undefined;
    const collect = (reader: OutputReader) => (chunk: Buffer): void => {
      try {
        if (!reader.add(chunk)) {
          reject(tooMuchOutput(target));
        }
      } catch (error) {
        reject(error as Error);
      }
    };
    channel.on("data", collect(stdout));
    channel.stderr.on("data", collect(stderr));
    channel.on("error", (error: Error) => reject(lostConnection(target, error)));
    channel.on("exit", (code: number | null, signal?: string) => {
      exitCode = code ?? exitCodeOfSignal(signal);
    });
    channel.on("close", () => {
      if (exitCode === undefined) {
        // Without an exit status the connection was cut, whatever was printed before.
        reject(lostConnection(target, connection.failure()));
        return;
      }
      try {
        stdout.end();
        resolve({ exitCode, stdout: stdout.text(), stderr: stderr.text() });
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}

function feed(channel: ClientChannel, input: Buffer, options: RunOptions, over: Ending): void {
  if (options.holdUntil === undefined) {
    channel.end(input);
    return;
  }
  channel.write(input);
  const beat = options.heartbeatMs === undefined ? undefined : setInterval(() => channel.write("\n"), options.heartbeatMs);
  over.upon(() => clearInterval(beat));
  const letGo = (): void => {
    clearInterval(beat);
    channel.end();
  };
  options.holdUntil.then(letGo, letGo);
}

function deadline(target: SshTarget, deadlineMs: number, over: Ending): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(deadlinePassed(target, deadlineMs)), deadlineMs + localGraceMs);
    over.upon(() => clearTimeout(timer));
  });
}

function aborted(signal: AbortSignal, over: Ending): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    over.upon(() => signal.removeEventListener("abort", stop));
    if (signal.aborted) stop();
  });
}

/** As a shell reports it: 128 and the signal's number. */
function exitCodeOfSignal(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ""] ?? 127);
}

function deadlinePassed(target: SshTarget, deadlineMs: number): HostUnreachableError {
  return new HostUnreachableError(target.name, `a command on ${nameOf(target)} did not end within ${deadlineMs / 1000} s; its outcome is unknown`, { reason: "CommandTimedOut" });
}

function tooMuchOutput(target: SshTarget): PghaError {
  return new PghaError(`a command on ${nameOf(target)} printed more than ${OutputReader.limitBytes / 1024 / 1024} MiB`, { reason: "OutputTooLarge", retry: "backoff" });
}
