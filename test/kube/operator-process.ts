import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** `pgha operator` as a process of its own, which can be killed. */
export interface OperatorProcess {
  readonly process: ChildProcess;
  /** What it logged so far. */
  readonly log: readonly OperatorLogLine[];
  /** Of its health server; resolves once that answers. */
  url(): Promise<string>;
  /** SIGTERM, and waits for the end; resolves to the exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

export interface OperatorLogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts the operator; its log also goes to `logFile`. It dies with this process. */
export function startOperatorProcess(
  args: readonly string[],
  {
    logFile,
    main = MAIN,
    nodeFlags = [],
    environment = {},
  }: {
    readonly logFile: string;
    readonly main?: string;
    readonly nodeFlags?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  },
): OperatorProcess {
  const child = spawn(
    "setpriv",
    [
      "--pdeathsig",
      "KILL",
      "--",
      process.execPath,
      ...nodeFlags,
      main,
      "operator",
      "--port",
      "0",
      "--bind",
      "127.0.0.1",
      ...args,
    ],
    { stdio: ["ignore", "inherit", "pipe"], env: { ...process.env, ...environment } },
  );
  const log: OperatorLogLine[] = [];
  const file = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  createInterface(child.stderr).on("line", (line) => {
    file.write(`${line}\n`);
    log.push(line.startsWith("{") ? (JSON.parse(line) as OperatorLogLine) : { level: "text", message: line });
  });
  const ended = new Promise<number | null>((resolve) => void child.once("exit", (code) => resolve(code)));
  return {
    process: child,
    log,
    async url() {
      const started = await until(
        "the operator starts",
        () => {
          if (child.exitCode !== null) throw new Error(`it ended: ${readFileSync(logFile, "utf8").slice(-2000)}`);
          return log.find((line) => line.message === "started");
        },
        90_000,
      );
      return `http://127.0.0.1:${String(started["port"])}`;
    },
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
