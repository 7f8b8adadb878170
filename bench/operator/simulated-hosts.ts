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
      const recorded = recording.answers[name] ?? "";
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
              return replay(recorded, nonceIn(input));
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
  const linesOfTurn = [...script.matchAll(/^(?:while )?IFS= read -r (?:turn; do|n|i\d+)$/gm)].length;
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

/** The recorded answer with this look's nonce, and the host's clock as it is now. */
function replay(answer: string, nonce: string): string {
  const recorded = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) at \d+/.exec(answer)?.[1] ?? "";
  return answer
    .replaceAll(recorded, nonce)
    .replaceAll(new RegExp(`${nonce} at \\d+`, "g"), `${nonce} at ${Date.now()}`);
}

function hostsOf({ resources }: Recording): readonly { readonly name: string; readonly address: string }[] {
  const all = resources.flatMap(
    ({ spec }) => (spec as { readonly hosts: readonly { readonly name: string; readonly address: string }[] }).hosts,
  );
  return [...new Map(all.map((host) => [host.address, host])).values()];
}
