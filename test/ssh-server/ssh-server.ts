import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import ssh2 from "ssh2";
import type { AuthContext, Connection, ServerChannel, Session } from "ssh2";
import { generateKeyPair } from "./keys.ts";

/** What a command prints and how it ends; `signal` instead of `code` for one that was killed. */
export interface ExecAnswer {
  readonly code?: number;
  readonly signal?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface SshServerOptions {
  /** Host keys, as private key texts. A new Ed25519 key by default. */
  readonly hostKeys?: readonly string[];
  /** Public key line that may log in; without it nobody is let in. */
  readonly authorizedKey: string | undefined;
  /**
   * What commands do: a function that answers a script, or `real` for a shell on this machine. A promise that never
   * settles is a command that hangs; the channel is for whoever wants to print bit by bit, and `onInput` gives the
   * input as it comes.
   */
  readonly onExec:
    | "real"
    | ((
        script: string,
        stdin: Promise<Buffer>,
        channel: ServerChannel,
        onInput: (listener: (chunk: Buffer) => void) => void,
      ) => Promise<ExecAnswer>);
  /** Turns everybody away at the login with these words, as PAM does with an account that may not be used. */
  readonly turnAway?: string;
  /** A login that never comes to a command, and ends so instead. */
  readonly onLogin?: ExecAnswer;
  /** The login shell of `real`; /bin/sh by default. */
  readonly loginShell?: readonly [program: string, ...words: readonly string[]];
  /** What `real` has in its environment beside what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Channels per connection; further ones are refused, as sshd does. */
  readonly maxSessions?: number;
  /** Where to listen; any free port of 127.0.0.1 by default. */
  readonly listen?: { readonly address: string; readonly port: number };
  /** Answer direct-tcpip requests by connecting to this machine. Refused otherwise. */
  readonly allowForwarding?: boolean;
}

export interface SshServer {
  readonly port: number;
  /** Public host key lines, in the order of the host keys. */
  readonly hostKeys: readonly string[];
  readonly counters: { connections: number; logins: number; execs: number; open: number; mostOpen: number };
  /** Command lines as they arrived. */
  readonly commands: readonly string[];
  /** Connections that are open now. */
  connected(): number;
  /** Cuts every connection without a word. */
  drop(): void;
  /** Keeps every connection open, but neither reads nor answers from now on. */
  freeze(): void;
  /** The same for those that are open; new ones are served. */
  forgetOpenOnes(): void;
  close(): Promise<void>;
}

/** OpenSSH's server asks for no signs of life unless it is told to (ClientAliveInterval 0); ssh2's does every 15 s. */
const NEVER_MS = 2 ** 31 - 1;

/** An SSH server on loopback, in this process, for faults that a real sshd does not have on request. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const privateKeys = options.hostKeys ?? [generateKeyPair().privateKey];
  const counters = { connections: 0, logins: 0, execs: 0, open: 0, mostOpen: 0 };
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const { turnAway } = options;
  const config = { hostKeys: [...privateKeys], keepaliveInterval: NEVER_MS, banner: turnAway ?? "" };
  const ssh = new ssh2.Server(config, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (context) =>
      turnAway === undefined ? authenticate(context, options.authorizedKey) : client.end(),
    );
    client.on("ready", () => {
      counters.logins += 1;
      serve(client, options, counters, commands);
    });
  });
  let frozen = false;
  const listener = createServer({ noDelay: true }, (socket) => {
    counters.connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    if (frozen) {
      socket.pause();
    } else {
      ssh.injectSocket(socket);
    }
  });
  await new Promise<void>((resolve) =>
    listener.listen(options.listen?.port ?? 0, options.listen?.address ?? "127.0.0.1", resolve),
  );
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  const silence = (): void => {
    for (const socket of sockets) {
      socket.pause();
      socket.removeAllListeners("data");
      socket.cork();
    }
  };
  return {
    port: (listener.address() as AddressInfo).port,
    hostKeys: privateKeys.map(publicLine),
    counters,
    commands,
    connected: () => sockets.size,
    drop,
    freeze: () => {
      frozen = true;
      silence();
    },
    forgetOpenOnes: silence,
    close: () => {
      drop();
      return new Promise((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
}

function publicLine(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) {
    throw key;
  }
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

function authenticate(context: AuthContext, authorizedKey: string | undefined): void {
  const [, base64 = ""] = authorizedKey?.split(" ") ?? [];
  if (context.method === "publickey" && context.key.data.equals(Buffer.from(base64, "base64"))) {
    context.accept();
  } else {
    context.reject(["publickey"]);
  }
}

function serve(
  client: Connection,
  options: SshServerOptions,
  counters: SshServer["counters"],
  commands: string[],
): void {
  let sessions = 0;
  client.on("session", (accept, reject) => {
    if (sessions >= (options.maxSessions ?? 10)) {
      reject();
      return;
    }
    sessions += 1;
    counters.open += 1;
    counters.mostOpen = Math.max(counters.mostOpen, counters.open);
    const session: Session = accept();
    session.on("close", () => {
      sessions -= 1;
      counters.open -= 1;
    });
    session.on("exec", (acceptExec, _reject, info) => {
      counters.execs += 1;
      commands.push(info.command);
      const channel = acceptExec();
      channel.on("error", () => undefined);
      if (options.onLogin !== undefined) {
        finish(channel, options.onLogin);
      } else if (options.onExec === "real") {
        runReal(info.command, channel, options);
      } else {
        const { onExec } = options;
        void obey(info.command, channel)
          .then(({ script, stdin, onInput }) => onExec(script, stdin, channel, onInput))
          .then((answer) => finish(channel, answer));
      }
    });
  });
  client.on("tcpip", (accept, reject, info) => {
    if (options.allowForwarding !== true) {
      reject();
      return;
    }
    const socket = connect(info.destPort, info.destIP);
    socket.once("error", () => reject());
    socket.once("connect", () => {
      const channel = accept();
      channel.on("error", () => undefined);
      socket.pipe(channel).pipe(socket);
    });
  });
}

function runReal(command: string, channel: ServerChannel, { loginShell, environment }: SshServerOptions): void {
  const [program, ...words] = loginShell ?? ["/bin/sh"];
  const env = { ...process.env, ...environment };
  const child = spawn(program, [...words, "-c", command], { stdio: "pipe", env });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // As sshd does: the command is not killed, but nobody reads what it prints any more.
  channel.on("close", () => {
    child.stdin.end();
    child.stdout.destroy();
    child.stderr.destroy();
  });
  child.on("close", (code, signal) => finish(channel, code === null ? { signal: signal ?? "SIGKILL" } : { code }));
}

function finish(channel: ServerChannel, answer: ExecAnswer): void {
  channel.write(answer.stdout ?? "");
  channel.stderr.write(answer.stderr ?? "");
  if (answer.signal === undefined) {
    channel.exit(answer.code ?? 0);
  } else {
    channel.exit(answer.signal.replace(/^SIG/, ""));
  }
  channel.end();
}

/** What a shell does with the line that it is given (src/shell/exec-line.ts): answers, and takes the script. */
async function obey(
  line: string,
  channel: ServerChannel,
): Promise<{
  readonly script: string;
  readonly stdin: Promise<Buffer>;
  readonly onInput: (listener: (chunk: Buffer) => void) => void;
}> {
  const [, a, b] = /\$\(\((\d+)\+(\d+)\)\)/.exec(line) ?? [];
  const size = 4096 * Number(/ count=(\d+)/.exec(line)?.[1]);
  const { promise: came, resolve: takeScript } = Promise.withResolvers<string>();
  const { promise: stdin, resolve: end } = Promise.withResolvers<Buffer>();
  let text = Buffer.alloc(0);
  let start: number | undefined;
  channel.on("data", (chunk: Buffer) => {
    text = Buffer.concat([text, chunk]);
    const greetingEnd = text.indexOf("\n", text.indexOf("\n") + 1) + 1;
    if (start === undefined && greetingEnd > 1) {
      start = greetingEnd;
      channel.write(`pgha ${Number(a) + Number(b)}\n`);
    }
    if (start !== undefined && text.length >= start + size)
      takeScript(
        text
          .subarray(start, start + size)
          .toString()
          .trimEnd(),
      );
  });
  channel.once("end", () => end(text.subarray((start ?? 0) + size)));
  const onInput = (listener: (chunk: Buffer) => void): void => {
    listener(text.subarray((start ?? 0) + size));
    channel.on("data", listener);
  };
  return { script: await came, stdin, onInput };
}
