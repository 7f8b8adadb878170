import { channel as diagnostics } from "node:diagnostics_channel";
import { setTimeout } from "node:timers/promises";
import { HostUnreachableError } from "../errors.ts";
import { bastionPool } from "./bastion.ts";
import type { BastionPool } from "./bastion.ts";
import { ChannelSlots } from "./channel-slots.ts";
import type { Command } from "./command.ts";
import { execRequest } from "./exec-line.ts";
import { KeptCommands } from "./kept-commands.ts";
import { KeptConnection } from "./kept-connection.ts";
import { maskedResult } from "./masking.ts";
import type { RemoteShell, RunOptions, RunResult } from "./shell.ts";
import { openConnection } from "./ssh-connection.ts";
import type { Connection, Transport } from "./ssh-connection.ts";
import { ChannelRefusedError, StaleConnectionError } from "./exec-channel.ts";
import { runOverSsh } from "./ssh-exec.ts";
import { connectFailure } from "./ssh-failure.ts";
import { nameOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh-target.ts";

export type { Bastion, SshTarget } from "./ssh-target.ts";

/** Told of each command that ran on a host: `{ host, display, startMs, tookMs }`. For who measures or traces pgha. */
const execs = diagnostics("pgha:exec");

/** A shell on a host, over one kept SSH connection. */
export interface SshShell extends RemoteShell {
  /** Ends the connection. Commands that still run are lost; later ones are refused. */
  close(): Promise<void>;
}

export interface SshOptions {
  readonly bastions?: BastionPool;
  /**
   * How many commands run at once. Three leave one spare of the four that hardened hosts allow: sshd frees a channel
   * later than we see it close.
   */
  readonly channels?: number;
  /** Keep repeatable commands running for their next turn: for one who asks a host the same for ever. */
  readonly keepCommands?: boolean;
  /** Told when the connection ended though nobody here wanted it to. */
  readonly onLost?: () => void;
}

/** A host that answered a moment ago does so within this time, or not at all. */
const AFTER_LOSS_MS = 4_000;
/** All resources on a host ask when it goes; one attempt tells for all. */
const HOLD_FAILURE_MS = 3_000;

/**
 * A shell on a host. Connects on the first command, once for all that wait, and again after a loss; a failed attempt
 * is not repeated by itself. Hosts behind the same bastion should be given the same pool.
 */
export function connectSsh(
  target: SshTarget,
  { bastions = bastionPool(), channels = 3, keepCommands = false, onLost }: SshOptions = {},
): SshShell {
  const slots = new ChannelSlots(channels, () => keptCommands.giveWay());
  let pinned = target.hostKeys;
  let closed = false;

  const connect = async (afterLoss: boolean): Promise<Connection> => {
    if (closed)
      throw new HostUnreachableError(target.name, `the connection to ${nameOf(target)} was closed on this side`);
    const connectTimeoutMs = afterLoss ? Math.min(target.connectTimeoutMs, AFTER_LOSS_MS) : target.connectTimeoutMs;
    const connection = await openConnection({ ...target, connectTimeoutMs }, pinned, () => openWay(bastions, target));
    if (onLost !== undefined) connection.uponLoss(onLost);
    if (pinned.length === 0) {
      pinned = [connection.hostKey];
      target.onFirstUse?.(connection.hostKey);
    }
    return connection;
  };

  const kept = new KeptConnection(connect, keepCommands ? HOLD_FAILURE_MS : 0);
  const keptCommands = new KeptCommands(target, kept, slots);

  const runOnce = async (command: Command, runOptions: RunOptions): Promise<RunResult> => {
    if (keepCommands && command.repeatable === true)
      return told(target, command, () => keptCommands.run(command, runOptions));
    const release = await slots.take(runOptions.signal);
    try {
      const request = execRequest(command, { deadlineMs: runOptions.deadlineMs, become: target.become });
      return await told(target, command, () =>
        kept.use(runOptions.signal, (connection) => runOverSsh(target, connection, request, runOptions)),
      );
    } finally {
      release();
    }
  };

  return {
    host: target.name,
    run: async (command, runOptions) => {
      if (runOptions.fresh === true) await kept.renew();
      const result = await retryUnstarted(target, { slots, keptCommands }, runOptions.signal, () =>
        runOnce(command, runOptions),
      );
      return maskedResult(command, result);
    },
    close: async () => {
      closed = true;
      await kept.close();
    },
  };
}

interface Channels {
  readonly slots: ChannelSlots;
  readonly keptCommands: KeptCommands;
}

async function told(target: SshTarget, command: Command, work: () => Promise<RunResult>): Promise<RunResult> {
  if (!execs.hasSubscribers) return work();
  const startMs = performance.now();
  try {
    return await work();
  } finally {
    execs.publish({ host: target.name, display: command.display, startMs, tookMs: performance.now() - startMs });
  }
}

/**
 * Tries again when nothing was run, or nothing that could matter: on a new connection, once, when the kept one was
 * dead; and when the host had no room for a channel, after another command, or after the moment sshd takes to free a
 * channel that we saw close.
 */
async function retryUnstarted<T>(
  target: SshTarget,
  { slots, keptCommands }: Channels,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  let reconnects = 0;
  for (let pauseMs = 10; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof StaleConnectionError && reconnects === 0) {
        reconnects += 1;
      } else if (error instanceof StaleConnectionError || (error instanceof ChannelRefusedError && pauseMs > 1_000)) {
        throw connectFailure(target, error.cause instanceof Error ? error.cause : error);
      } else if (!(error instanceof ChannelRefusedError)) {
        throw error;
      } else if (!slots.shrink()) {
        keptCommands.giveWay();
        await setTimeout(pauseMs);
        pauseMs *= 2;
      }
      signal?.throwIfAborted();
    }
  }
}

async function openWay(bastions: BastionPool, target: SshTarget): Promise<Transport | undefined> {
  return target.bastion === undefined ? undefined : await bastions.openTransport(target.bastion, target);
}
