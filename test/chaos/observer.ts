import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab/lab.ts";
import { MEMBER_SCRIPT, PROXY_SCRIPT, SampleReader } from "./samples.ts";
import type { Sample } from "./samples.ts";
import type { Samples } from "./truth.ts";

/** What a host said is worth nothing after this long: it says something each second. */
const STALE_MS = 5_000;

/** A login of a client, as its Secret has it. */
export interface ClientLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Asks each host itself, about once a second, over SSH of its own. Nothing of pgha is used for it. */
export class Observer {
  readonly #last = new Map<string, Sample>();
  readonly #children = new Map<string, ChildProcess>();
  readonly #running: Promise<unknown>;
  #on = true;

  constructor(lab: Lab, { user, password, database }: ClientLogin) {
    this.#running = Promise.all(
      lab.hosts.map(async ({ name, address }) => {
        const input = name.startsWith("proxy") ? `${user}\n${password}\n${database}\n` : "";
        const script = name.startsWith("proxy") ? PROXY_SCRIPT : MEMBER_SCRIPT;
        while (this.#on) {
          await this.#ask(lab, { name, address }, script, input);
          await sleep(500);
        }
      }),
    );
  }

  /** Of each host what it said last, if that is not long ago. */
  now(): Samples {
    const oldest = performance.now() - STALE_MS;
    return new Map(
      [...this.#last].map(([host, { atMs, facts }]) => [host, atMs < oldest ? undefined : facts] as const),
    );
  }

  async stop(): Promise<void> {
    this.#on = false;
    for (const child of this.#children.values()) child.kill("SIGKILL");
    await this.#running;
  }

  async #ask(lab: Lab, { name, address }: { name: string; address: string }, script: string, input: string) {
    const child = spawn("ssh", [...sshOptions(lab), `root@${address}`, script], { stdio: ["pipe", "pipe", "ignore"] });
    this.#children.set(name, child);
    child.stdin.on("error", () => undefined);
    child.stdin.write(input);
    const reader = new SampleReader((facts) => this.#last.set(name, { atMs: performance.now(), facts }));
    for await (const line of createInterface({ input: child.stdout })) reader.line(line);
    child.kill("SIGKILL");
  }
}

function sshOptions(lab: Lab): readonly string[] {
  return [
    `-i${lab.sshKeyPath}`,
    ...[
      `UserKnownHostsFile=${lab.knownHostsPath}`,
      "BatchMode=yes",
      "ConnectTimeout=3",
      "ServerAliveInterval=1",
      "ServerAliveCountMax=3",
      "LogLevel=ERROR",
    ].flatMap((option) => ["-o", option]),
  ];
}
