import type { Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import type { ClientChannel } from "ssh2";
import { PghaError } from "../errors.ts";
import type { Feed } from "./command.ts";
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
  const { sink } = request;
  if (sink === undefined) return runInto(undefined, target, connection, request, options);
  const out = await sink.open();
  try {
    const result = await runInto(out, target, connection, request, options);
    if (result.exitCode === 0) await sink.keep();
    else await sink.drop();
    return result;
  } catch (error) {
    out.destroy();
    await sink.drop();
    throw error;
  }
}

async function runInto(
  out: Writable | undefined,
  target: SshTarget,
  connection: Connection,
  request: ExecRequest,
  options: RunOptions,
): Promise<RunResult> {
  const started = performance.now();
  const isLate = (): boolean => performance.now() - started >= options.deadlineMs;
  const result = await awaitOutcome(target, options, (over) =>
    openObedientChannel(target, connection, request, over, (channel) => {
      over.upon(() => channel.close());
      const ended = resultOf(target, connection, channel, options, out);
      if (request.feed === undefined) {
        give(channel, request.input, options, over);
        return ended;
      }
      channel.write(request.input);
      return Promise.race([ended, fedWith(channel, request.feed, options, over).then(() => ended)]);
    }).catch((error: unknown) => {
      // A host that is too busy is ended by timeout(1) before its login has shown that it obeys.
      const isOfLogin = error instanceof PghaError && error.reason === "LoginShellUnusable";
      throw isOfLogin && isLate() ? deadlinePassed(target, options) : error;
    }),
  );
  if (result.exitCode === exitCodeOfTimeout && isLate()) throw deadlinePassed(target, options);
  return result;
}

/** timeout(1) exits with this when it had to end the command. */
const exitCodeOfTimeout = 124;

function resultOf(
  target: SshTarget,
  connection: Connection,
  channel: ClientChannel,
  { onLine, onErrorLine, changesNothing }: RunOptions,
  out: Writable | undefined,
): Promise<RunResult> {
  const stdout = new OutputReader(onLine);
  const stderr = new OutputReader(onErrorLine);
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
    if (out === undefined) channel.on("data", collect(stdout));
    else channel.pipe(out).on("error", reject);
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
        stderr.end();
        const result = { exitCode, stdout: stdout.text(), stderr: stderr.text() };
        // All of it is there when the last of it was written, not when it came.
        if (out === undefined) resolve(result);
        else finished(out.end()).then(() => resolve(result), reject);
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}

/**
 * Sends what is too large for memory, as fast as the host takes it. Rejects when it cannot be read here. A command that
 * ends before it has read all of it says by its exit code what that means.
 */
async function fedWith(channel: ClientChannel, feed: Feed, { onFed }: RunOptions, over: Ending): Promise<void> {
  const source = feed.open();
  over.upon(() => source.destroy());
  let unreadable: unknown;
  async function* counted(): AsyncGenerator<Buffer> {
    let sent = 0;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        yield chunk;
        sent += chunk.length;
        onFed?.(sent);
      }
    } catch (error) {
      unreadable = error;
      throw error;
    }
  }
  try {
    await pipeline(counted, channel);
  } catch {
    if (unreadable !== undefined) throw unreadable;
  }
}

function give(channel: ClientChannel, input: Buffer, options: RunOptions, over: Ending): void {
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
