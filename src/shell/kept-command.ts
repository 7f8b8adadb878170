import { randomUUID } from "node:crypto";
import type { ClientChannel } from "ssh2";
import type { Command } from "./command.ts";
import { StaleConnectionError } from "./exec-channel.ts";
import { execRequest } from "./exec-line.ts";
import { openObedientChannel } from "./obedient-channel.ts";
import type { Ending } from "./outcome.ts";
import { OutputReader } from "./output-reader.ts";
import type { RunResult } from "./shell.ts";
import { exitCodeOfSignal } from "./signals.ts";
import type { Connection } from "./ssh-connection.ts";
import { tooMuchOutput } from "./ssh-failure.ts";
import type { SshTarget } from "./ssh-target.ts";

/** A host ends what was kept for longer, so that nothing stays behind for ever when its connection was cut. */
const LONGEST_MS = 15 * 60_000;
/** From then on it is given no more to do, so that its host never ends it in the middle. */
const RETIRE_MS = 10 * 60_000;
/** A channel is free once the host said that it closed it, or when it said nothing for so long. */
const GOODBYE_MS = 1_000;

/** One turn of a command, from its input to its end. */
interface Turn {
  /** The line that the host prints at the end of it; nothing the command runs knows it. */
  readonly end: Buffer;
  readonly stdout: OutputReader;
  readonly stderr: OutputReader;
  /** Told when the host says anything at all. */
  readonly onFirstWord: () => void;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A repeatable command that stays on a channel of its own: it waits there for its next input. A turn that fails is its
 * last, so a failure comes with its exit code and its message, as that of any command.
 */
export class KeptCommand {
  /** May be replaced by the same text. */
  script: string;
  readonly connection: Connection;
  readonly #target: SshTarget;
  readonly #channel: ClientChannel;
  readonly #bornMs = performance.now();
  #whenGone: (() => void) | undefined;
  #turn: Turn | undefined;
  #exitCode: number | undefined;
  #isOver = false;

  /**
   * Starts a command with its first turn, since it may be refused and over before a promise would get round to asking.
   * `whenGone` is called once, when its channel is free for another. Rejects as openObedientChannel does.
   */
  static start(
    target: SshTarget,
    connection: Connection,
    { script, display, stdin }: Command,
    over: Ending,
    whenGone: () => void,
  ): Promise<{ readonly started: KeptCommand; readonly answer: Promise<RunResult> }> {
    const request = execRequest(
      { script: inTurns(script), display },
      { deadlineMs: LONGEST_MS, become: target.become },
    );
    return openObedientChannel(target, connection, request, over, (channel) => {
      channel.write(request.input);
      const started = new KeptCommand(target, connection, channel, script, whenGone);
      return { started, answer: started.answer(stdin) };
    });
  }

  private constructor(
    target: SshTarget,
    connection: Connection,
    channel: ClientChannel,
    script: string,
    whenGone: () => void,
  ) {
    this.script = script;
    this.connection = connection;
    this.#target = target;
    this.#channel = channel;
    this.#whenGone = whenGone;
    channel.on("data", (chunk: Buffer) => this.#heard("stdout", chunk));
    channel.stderr.on("data", (chunk: Buffer) => this.#heard("stderr", chunk));
    channel.on("error", (error: Error) => this.#fail(new StaleConnectionError(error.message, { cause: error })));
    channel.on("exit", (code: number | null, signal?: string) => {
      this.#exitCode = code ?? exitCodeOfSignal(signal);
    });
    channel.once("close", () => this.#closed());
  }

  /** Whether it could be given its next input. */
  get isWaiting(): boolean {
    return !this.#isOver && this.#turn === undefined;
  }

  get isOld(): boolean {
    return performance.now() - this.#bornMs > RETIRE_MS;
  }

  /**
   * Gives it its next input. Resolves and rejects as RemoteShell.run does, but with StaleConnectionError when it was
   * over already or was cut off in the middle: it only looks, so nothing is lost by asking again.
   */
  answer(stdin: Command["stdin"], onFirstWord: () => void = () => {}): Promise<RunResult> {
    if (!this.isWaiting)
      return Promise.reject(new StaleConnectionError("the command does not wait for input any more"));
    const token = randomUUID();
    return new Promise((resolve, reject) => {
      this.#turn = {
        end: Buffer.from(`\n${token}\n`),
        stdout: new OutputReader(),
        stderr: new OutputReader(),
        onFirstWord,
        resolve,
        reject,
      };
      this.#channel.write(Buffer.concat([Buffer.from(`${token}\n`), Buffer.from(stdin ?? "")]));
    });
  }

  /** Lets it come to its end: at once when it waits, else in the middle of what it does. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#turn === undefined) this.#channel.end();
    else this.#channel.close();
    setTimeout(() => this.#abandon(), GOODBYE_MS).unref();
  }

  #abandon(): void {
    if (this.#whenGone === undefined) return;
    this.#channel.close();
    this.#leave();
  }

  #leave(): void {
    this.#whenGone?.();
    this.#whenGone = undefined;
  }

  #heard(stream: "stdout" | "stderr", chunk: Buffer): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    turn.onFirstWord();
    if (!turn[stream].add(chunk)) {
      this.#fail(tooMuchOutput(this.#target));
    } else if (stream === "stdout" && turn.stdout.endsWith(turn.end)) {
      this.#turn = undefined;
      turn.resolve({ exitCode: 0, stdout: turn.stdout.text().slice(0, -turn.end.length), stderr: turn.stderr.text() });
    }
  }

  #fail(error: Error): void {
    this.#turn?.reject(error);
    this.end();
  }

  #closed(): void {
    this.#isOver = true;
    const turn = this.#turn;
    this.#turn = undefined;
    // Zero without the line at the end is no success: something ended it that did not know of the turn.
    if (this.#exitCode === undefined || this.#exitCode === 0)
      turn?.reject(
        new StaleConnectionError("it was cut off", {
          cause: this.connection.failure() ?? new Error("the host closed it"),
        }),
      );
    else turn?.resolve({ exitCode: this.#exitCode, stdout: turn.stdout.text(), stderr: turn.stderr.text() });
    this.#leave();
  }
}

/**
 * Each turn begins with a line that says how it will end. The script is a subshell, so it may set and exit as it likes.
 */
function inTurns(script: string): string {
  return `while IFS= read -r turn; do
(
${script}
)
e=$?
[ "$e" = 0 ] || exit "$e"
printf '\\n%s\\n' "$turn"
done`;
}
