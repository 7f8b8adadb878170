import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import type { KeyPair } from "../../ssh-server/keys.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

export interface Sshd {
  readonly port: number;
  /** Public host key lines: Ed25519, RSA. */
  readonly hostKeys: readonly string[];
  /** Stops the listener and every session's process, as SIGSTOP does: TCP stays open. */
  freeze(): void;
  stop(): Promise<void>;
}

/** OpenSSH's own server on a free loopback port, hardened as in the field, for the user who runs the test. */
export async function startSshd(login: KeyPair, settings: readonly string[] = []): Promise<Sshd> {
  if (!existsSync("/usr/sbin/sshd")) {
    throw new Error("/usr/sbin/sshd is not there: apt-get install openssh-server");
  }
  mkdirSync("/run/sshd", { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "pgha-sshd-"));
  const hostKeys = [generateKeyPair(), generateKeyPair("rsa")];
  for (const [index, pair] of hostKeys.entries()) {
    writeFileSync(join(folder, `host_${index}`), pair.privateKey, { mode: 0o600 });
  }
  writeFileSync(join(folder, "authorized_keys"), `${login.publicKey}\n`, { mode: 0o600 });
  chmodSync(folder, 0o700);
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    ...hostKeys.map((_, index) => `HostKey ${join(folder, `host_${index}`)}`),
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    `PidFile ${join(folder, "pid")}`,
    "StrictModes no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "AllowTcpForwarding no",
    "MaxSessions 4",
    // Started by sshd, bash reads ~/.bashrc of whoever runs the test, unless it thinks that it is not the first shell.
    "SetEnv SHLVL=2",
    ...settings,
  ];
  writeFileSync(join(folder, "sshd_config"), `${lines.join("\n")}\n`);
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: "ignore",
    detached: true,
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const pid = child.pid ?? 0;
  await answering(port);
  return {
    port,
    hostKeys: hostKeys.map((pair) => pair.publicKey),
    freeze: () => process.kill(-pid, "SIGSTOP"),
    stop: async () => {
      process.kill(-pid, "SIGCONT");
      process.kill(-pid, "SIGTERM");
      await gone;
      removeFolder(folder);
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answering(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error("sshd does not answer");
    }
    await setTimeout(20);
  }
}
