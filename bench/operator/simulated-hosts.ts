import { generateKeyPair } from "../../test/ssh-server/keys.ts";
import { startSshServer } from "../../test/ssh-server/ssh-server.ts";
import type { SshServer } from "../../test/ssh-server/ssh-server.ts";
import type { Recording } from "./recording.ts";

/** Hosts that answer looks as recorded ones did, at addresses of loopback. */
export interface SimulatedHosts {
  readonly hostKey: string;
  /** Looks answered so far. */
  execs(): number;
  connections(): number;
}

export async function simulateHosts(recordings: readonly Recording[], port: number, authorizedKey: string): Promise<SimulatedHosts> {
  const hostKey = generateKeyPair();
  const servers: SshServer[] = [];
  for (const recording of recordings) {
    for (const { name, address } of hostsOf(recording)) {
      const answers = Object.entries(recording.answers).flatMap(([resource, hosts]) => (hosts[name] === undefined ? [] : [{ resource, answer: hosts[name] }]));
      servers.push(await startSshServer({
        hostKeys: [hostKey.privateKey], authorizedKey, maxSessions: 4, listen: { address, port },
        async onExec(command, stdin) {
          const input = (await stdin).toString();
          const isPooler = command.includes("pgbouncer");
          const found = answers.find(({ resource }) => resource.startsWith("PostgresHACluster") || resource.startsWith("PgBouncerPool") === isPooler);
          return found === undefined ? { code: 1, stderr: "nothing was recorded" } : { code: 0, stdout: replay(found.answer, nonceIn(input)) };
        },
      }));
    }
  }
  const sum = (of: (counters: SshServer["counters"]) => number): number => servers.reduce((total, server) => total + of(server.counters), 0);
  return { hostKey: hostKey.publicKey, execs: () => sum((counters) => counters.execs), connections: () => sum((counters) => counters.connections) };
}

/** A nonce is the first line of what a look is given, unless its script came that way, too. */
function nonceIn(input: string): string {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/m.exec(input)?.[0] ?? "";
}

/** The recorded answer with this look's nonce, and the host's clock as it is now. */
function replay(answer: string, nonce: string): string {
  const recorded = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) at \d+/.exec(answer)?.[1] ?? "";
  return answer.replaceAll(recorded, nonce).replaceAll(new RegExp(`${nonce} at \\d+`, "g"), `${nonce} at ${Date.now()}`);
}

function hostsOf({ resources }: Recording): readonly { readonly name: string; readonly address: string }[] {
  const all = resources.flatMap(({ spec }) => (spec as { readonly hosts: readonly { readonly name: string; readonly address: string }[] }).hosts);
  return [...new Map(all.map((host) => [host.address, host])).values()];
}
