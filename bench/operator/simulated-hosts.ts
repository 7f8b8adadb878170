import type { ServerChannel } from "ssh2";
import { generateKeyPair } from "../../test/ssh-server/keys.ts";
import { startSshServer } from "../../test/ssh-server/ssh-server.ts";
import type { SshServer } from "../../test/ssh-server/ssh-server.ts";
import type { Recording } from "./recording.ts";

/** Hosts that answer looks as recorded ones did, at addresses of loopback. */
export interface SimulatedHosts {
  readonly hostKey: string;
  /** Looks answered so far. */
  looks(): number;
  /** Seconds between two looks at the same host since this was last called, of all hosts. */
  takeIntervals(): readonly number[];
  connections(): number;
}

export async function simulateHosts(
  recordings: readonly Recording[],
  port: number,
  authorizedKey: string,
): Promise<SimulatedHosts> {
  const hostKey = generateKeyPair();
  const servers: SshServer[] = [];
  let looks = 0;
  let intervals: number[] = [];
  for (const recording of recordings) {
    for (const { name, address } of hostsOf(recording)) {
      const answer = replayOf(recording.answers[name] ?? "");
      let lookedAt: number | undefined;
      servers.push(
        await startSshServer({
          hostKeys: [hostKey.privateKey],
          authorizedKey,
          maxSessions: 4,
          listen: { address, port },
          async onExec(script, stdin, channel, onInput) {
            onTurn(script, onInput, channel, (input) => {
              looks += 1;
              const now = performance.now();
              if (lookedAt !== undefined) intervals.push((now - lookedAt) / 1000);
              lookedAt = now;
              return answer(nonceIn(input));
            });
            await stdin;
            return { code: 0 };
          },
        }),
      );
    }
  }
  const sum = (of: (counters: SshServer["counters"]) => number): number =>
    servers.reduce((total, server) => total + of(server.counters), 0);
  return {
    hostKey: hostKey.publicKey,
    looks: () => looks,
    takeIntervals: () => {
      const taken = intervals;
      intervals = [];
      return taken;
    },
    connections: () => sum((counters) => counters.connections),
  };
}

/**
 * Takes the input of a kept command as a host does, the lines of one turn after the other (src/shell/kept-command.ts).
 */
function onTurn(
  script: string,
  onInput: (listener: (chunk: Buffer) => void) => void,
  channel: ServerChannel,
  answer: (input: string) => string,
): void {
  // What is read once and handed on to another shell is still one line.
  const read = script.matchAll(/^(?:while )?IFS= read -r (?:turn; do|n|i\d+)$/gm);
  const linesOfTurn = new Set([...read].map(([line]) => line)).size;
  let heard = "";
  onInput((chunk) => {
    heard += chunk.toString("latin1");
    for (let lines = heard.split("\n"); lines.length > linesOfTurn; lines = heard.split("\n")) {
      const turn = lines.slice(0, linesOfTurn);
      heard = lines.slice(linesOfTurn).join("\n");
      channel.write(`${answer(turn.join("\n"))}\n${turn[0] ?? ""}\n`);
    }
  });
}

/** A nonce is the first line of what a look is given, after the line of its turn. */
function nonceIn(input: string): string {
  return input.split("\n")[1] ?? "";
}

/**
 * The recorded answer with a look's nonce, and the host's clock as it is then. It is cut where these stand once and for all:
 * searching it at each look cost more than everything else here.
 */
function replayOf(answer: string): (nonce: string) => string {
  const recorded = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) at \d+/.exec(answer)?.[1];
  if (recorded === undefined) return () => answer;
  const pieces = answer.split(recorded).map((piece) => /^( at )\d+([^]*)$/.exec(piece)?.slice(1) ?? [piece]);
  return (nonce) => {
    const now = String(Date.now());
    return pieces.map((piece) => piece.join(now)).join(nonce);
  };
}

function hostsOf({ resources }: Recording): readonly { readonly name: string; readonly address: string }[] {
  const all = resources.flatMap(
    ({ spec }) => (spec as { readonly hosts: readonly { readonly name: string; readonly address: string }[] }).hosts,
  );
  return [...new Map(all.map((host) => [host.address, host])).values()];
}
