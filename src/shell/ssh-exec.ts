import type { ClientChannel } from "ssh2";
import type { ExecRequest } from "./exec-line.ts";
import { awaitOutcome, deadlinePassed } from "./outcome.ts";
import type { Ending } from "./outcome.ts";
import { openObedientChannel } from "./obedient-channel.ts";
import { OutputReader } from "./output-reader.ts";
import type { RunOptions, RunResult } from "./shell.ts";
import { exitCodeOfSignal } from "./signals.ts";
import type { Connection } from "./ssh-connection.ts";
import { lostConnection, tooMuchOutput } from "./ssh-failure.ts";
import type { SshTarget } from "./ssh-target.ts";

/**
 * Runs one request to its end, as RemoteShell.run promises. Throws ChannelRefusedError as well: nothing was run then.
 */
export async function runOverSsh(
  target: SshTarget,
  connection: Connection,
  request: ExecRequest,
  options: RunOptions,
): Promise<RunResult> {
  const started = performance.now();
  const result = await awaitOutcome(target, options, (over) =>
    openObedientChannel(target, connection, request, over, (channel) => {
      over.upon(() => channel.close());
      feed(channel, request.input, options, over);
      return resultOf(target, connection, channel, options);
    }),
  );
  if (result.exitCode === exitCodeOfTimeout && performance.now() - started >= options.deadlineMs) {
    throw deadlinePassed(target, options);
  }
  return result;
}

/** timeout(1) exits with this when it had to end the command. */
const exitCodeOfTimeout = 124;

function resultOf(
  target: SshTarget,
  connection: Connection,
  channel: ClientChannel,
  { onLine, changesNothing }: RunOptions,
): Promise<RunResult> {
  const stdout = new OutputReader(onLine);
  const stderr = new OutputReader();
  return new Promise((resolve, reject) => {
    let exitCode: number | undefined;
    const collect =
      (reader: OutputReader) =>
      (chunk: Buffer): void => {
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
    channel.on("error", (error: Error) => reject(lostConnection(target, error, changesNothing)));
    channel.on("exit", (code: number | null, signal?: string) => {
      exitCode = code ?? exitCodeOfSignal(signal);
    });
    channel.on("close", () => {
      if (exitCode === undefined) {
        // Without an exit status the connection was cut, whatever was printed before.
        reject(lostConnection(target, connection.failure(), changesNothing));
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
  const beat =
    options.heartbeatMs === undefined ? undefined : setInterval(() => channel.write("\n"), options.heartbeatMs);
  over.upon(() => clearInterval(beat));
  const letGo = (): void => {
    clearInterval(beat);
    channel.end();
  };
  options.holdUntil.then(letGo, letGo);
}
