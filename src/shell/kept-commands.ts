import type { ChannelSlots } from "./channel-slots.ts";
import type { Command } from "./command.ts";
import { SilentConnectionError } from "./exec-channel.ts";
import { KeptCommand } from "./kept-command.ts";
import type { KeptConnection } from "./kept-connection.ts";
import { awaitOutcome } from "./outcome.ts";
import type { Ending } from "./outcome.ts";
import { patience } from "./patience.ts";
import type { RunOptions, RunResult } from "./shell.ts";
import type { SshTarget } from "./ssh-target.ts";

/** On one host there are seldom more than two pools, and each is asked its own questions. */
const MOST_KEPT = 2;

/**
 * A turn begins with the host's clock, which is there within milliseconds. When not even that comes, the connection is
 * no longer good for anything; whether the host is, a new one tells.
 */
const FIRST_WORD_MS = 3_000;

/**
 * The repeatable commands of one shell, each kept running for its next turn (docs/decisions/0012). They hold slots only
 * as long as nobody else wants one: the one that was not asked for longest makes way.
 */
export class KeptCommands {
  readonly #target: SshTarget;
  readonly #connection: KeptConnection;
  readonly #slots: ChannelSlots;
  /** Those that wait for input, in the order in which they were last asked. */
  readonly #waiting = new Set<KeptCommand>();

  constructor(target: SshTarget, connection: KeptConnection, slots: ChannelSlots) {
    this.#target = target;
    this.#connection = connection;
    this.#slots = slots;
  }

  /** Runs a command as RemoteShell.run promises; in a new channel when none waits with this very script. */
  async run(command: Command, options: RunOptions): Promise<RunResult> {
    return (await this.#again(command, options)) ?? this.#anew(command, options);
  }

  /** Ends one that waits, so that its slot can be had. */
  giveWay(): void {
    for (const one of this.#waiting) {
      this.#waiting.delete(one);
      if (!one.isWaiting) continue;
      one.end();
      return;
    }
  }

  async #again(command: Command, options: RunOptions): Promise<RunResult | undefined> {
    const known = this.#take(command.script);
    if (known === undefined) return undefined;
    let isAsked = false;
    try {
      return await this.#connection.use(options.signal, async (connection) => {
        if (known.connection !== connection) return undefined;
        isAsked = true;
        return awaitOutcome(this.#target, options, (over) =>
          unlessSilent(over, (onFirstWord) => this.#turn(known, known.answer(command.stdin, onFirstWord), over)),
        );
      });
    } finally {
      if (!isAsked) known.end();
    }
  }

  async #anew(command: Command, options: RunOptions): Promise<RunResult> {
    const release = await this.#slots.take(options.signal);
    let isStarted = false;
    try {
      return await this.#connection.use(options.signal, (connection) =>
        awaitOutcome(this.#target, options, async (over) => {
          const { started, answer } = await KeptCommand.start(this.#target, connection, command, over, release);
          isStarted = true;
          return this.#turn(started, answer, over);
        }),
      );
    } finally {
      if (!isStarted) release();
    }
  }

  /** One that waits with this script, for the caller alone until it is put back. */
  #take(script: string): KeptCommand | undefined {
    const known = [...this.#waiting].find((one) => one.script === script);
    if (known === undefined) return undefined;
    this.#waiting.delete(known);
    // The same text, but perhaps not the same object: the older one may go.
    known.script = script;
    if (!known.isOld) return known.isWaiting ? known : undefined;
    known.end();
    return undefined;
  }

  async #turn(one: KeptCommand, answer: Promise<RunResult>, over: Ending): Promise<RunResult> {
    let isAnswered = false;
    over.upon(() => {
      if (isAnswered) this.#putBack(one);
      else one.end();
    });
    const result = await answer;
    isAnswered = true;
    return result;
  }

  #putBack(one: KeptCommand): void {
    if (!one.isWaiting) return;
    this.#waiting.add(one);
    if (this.#slots.isShort || this.#waiting.size > MOST_KEPT) this.giveWay();
  }
}

/** Rejects with SilentConnectionError when the first word does not come in time. */
function unlessSilent<T>(over: Ending, begin: (onFirstWord: () => void) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = patience(FIRST_WORD_MS, () => {
      const silence = new Error(`no answer within ${FIRST_WORD_MS / 1000} s`);
      reject(new SilentConnectionError(silence.message, { cause: silence }));
    });
    over.upon(stop);
    begin(stop).then(resolve, reject);
  });
}
