import type { ClientChannel } from "ssh2";
import { openExecChannel, StaleConnectionError } from "./exec-channel.ts";
import type { ExecRequest } from "./exec-line.ts";
import { loginFailure } from "./login-failure.ts";
import type { Ending } from "./outcome.ts";
import { patience } from "./patience.ts";
import { exitCodeOfSignal } from "./signals.ts";
import type { Connection } from "./ssh-connection.ts";
import type { SshTarget } from "./ssh-target.ts";

/** Longer than keepalive takes to notice a host that froze: that is the better word for it. */
const PATIENCE_MS = 22_000;

/** Of what a login prints before it obeys, more is not looked at. */
const MOST_HEARD = 64 * 1024;

/**
 * Opens a channel, starts a command on it, and sends it nothing that matters before it has shown that it obeys: only
 * then, in the same turn, the channel goes to `use`, with its input still to be sent and nothing printed yet. What the
 * login printed before that is dropped.
 *
 * Throws as openExecChannel does, StaleConnectionError when the connection is lost before the command obeys (nothing
 * was run), and HostUnreachableError (PrivilegeMissing, LoginShellUnusable) when something else came of the line.
 */
export function openObedientChannel<T>(
  target: SshTarget,
  connection: Connection,
  request: ExecRequest,
  over: Ending,
  use: (channel: ClientChannel) => T | Promise<T>,
): Promise<T> {
  return openExecChannel(
    target,
    connection,
    request.line,
    (channel) =>
      new Promise<T>((resolve, reject) => {
        const heard = { stdout: "", stderr: "" };
        let exitCode: number | undefined;
        let isDecided = false;

        const decide = (act: () => void): void => {
          if (isDecided) return;
          isDecided = true;
          callOff();
          // The channel may live for long: nothing of this is kept by it, least of all the input, which is large.
          channel.off("data", onStdout).off("exit", onExit).off("close", onClose).off("error", onError);
          channel.on("error", passOver);
          channel.stderr.off("data", onStderr);
          act();
        };
        const refuse = (why: Parameters<typeof loginFailure>[2]): void =>
          decide(() => {
            channel.close();
            reject(loginFailure(target, heard, why));
          });
        const onStdout = (chunk: Buffer): void => {
          heard.stdout = (heard.stdout + chunk.toString("latin1")).slice(-MOST_HEARD);
          const answer = answerIn(heard.stdout, request.answer);
          if (answer === undefined) return;
          if (answer !== "") refuse({ kind: "terminal" });
          else if (heard.stdout.includes(request.canary) || heard.stderr.includes(request.canary))
            refuse({ kind: "echo" });
          else decide(() => resolve(use(channel)));
        };
        const onStderr = (chunk: Buffer): void => {
          heard.stderr = (heard.stderr + chunk.toString("latin1")).slice(-MOST_HEARD);
        };
        const onExit = (code: number | null, signal?: string): void => {
          exitCode = code ?? exitCodeOfSignal(signal);
        };
        const onError = (error: Error): void =>
          decide(() => reject(new StaleConnectionError(error.message, { cause: error })));
        const onClose = (): void => {
          if (exitCode === undefined)
            decide(() => reject(new StaleConnectionError("it was cut off", { cause: cutOff(connection) })));
          else refuse({ kind: "ended", exitCode });
        };
        const callOff = patience(PATIENCE_MS, () => refuse({ kind: "silent", afterMs: PATIENCE_MS }));

        channel.on("data", onStdout).on("exit", onExit).on("close", onClose).on("error", onError);
        channel.stderr.on("data", onStderr);
        over.upon(() => decide(() => channel.close()));
        channel.write(request.greeting);
      }),
  );
}

/** An error without anybody who listens would end the process; whoever uses the channel has a listener of its own. */
function passOver(): void {}

/** What stands behind the answer in its line; undefined while there is no such line. */
function answerIn(stdout: string, answer: string): string | undefined {
  const at = stdout.indexOf(answer);
  const end = stdout.indexOf("\n", at);
  return at === -1 || end === -1 ? undefined : stdout.slice(at + answer.length, end).trim();
}

function cutOff(connection: Connection): Error {
  return connection.failure() ?? new Error("the host closed it");
}
