import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toolPaths } from "./assets.ts";
import { adminKubeconfig } from "./server-arguments.ts";
import { pidFile, startKube } from "./start-kube.ts";
import { handFolder, removeStateFolder } from "./state-folder.ts";

const USAGE = `usage: test/kube/kube up      start an API server that stays, print what to export
       test/kube/kube shell   the same, then a shell with KUBECONFIG and kubectl; the server ends with the shell
       test/kube/kube down    end it and forget everything in it
Its files are in pgha-kube.by-hand in TMPDIR, so another TMPDIR makes another server`;

/** etcd, the API server, the controller manager. */
const SERVERS = 3;

async function main(command: string): Promise<number> {
  switch (command) {
    case "up":
      await up();
      console.log(`export KUBECONFIG=${adminKubeconfig(handFolder())}`);
      console.log(`export PATH=${await kubectlFolder()}:$PATH`);
      return 0;
    case "shell":
      await up();
      try {
        return await shell();
      } finally {
        down();
      }
    case "down":
      down();
      return 0;
    default:
      console.error(USAGE);
      return 64;
  }
}

/** What an interrupted start or a crash left over is ended first: half a server is of no use. */
async function up(): Promise<void> {
  const folder = handFolder();
  if (runningPids(folder).length === SERVERS) return;
  down();
  await startKube({ folder: handFolder(), lifetime: "detached", controllerManager: true });
}

function down(): void {
  const folder = handFolder();
  for (const pid of runningPids(folder)) process.kill(pid, "SIGKILL");
  removeStateFolder(folder);
}

/** Only processes that still have this folder in their command line: a number may since belong to something else. */
function runningPids(folder: string): readonly number[] {
  const file = pidFile(folder);
  if (!existsSync(file)) return [];
  const pids = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return pids.filter((pid) => commandLine(pid).includes(`${folder}/`)).map(Number);
}

/** Empty when there is no such process (any more). */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

async function shell(): Promise<number> {
  const environment = {
    ...process.env,
    KUBECONFIG: adminKubeconfig(handFolder()),
    PATH: `${await kubectlFolder()}:${process.env["PATH"] ?? ""}`,
  };
  const child = spawn(process.env["SHELL"] ?? "bash", [], { stdio: "inherit", env: environment });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function kubectlFolder(): Promise<string> {
  const { kubectl } = await toolPaths(["kubectl"]);
  return join(kubectl, "..");
}

process.exitCode = await main(process.argv[2] ?? "");
