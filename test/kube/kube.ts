import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolPaths } from "./assets.ts";
import { adminKubeconfig } from "./server-arguments.ts";
import { startKube } from "./start-kube.ts";
import { handFolder, removeStateFolder } from "./state-folder.ts";

const USAGE = `usage: test/kube/kube up      start an API server that stays, print what to export
       test/kube/kube shell   the same, then a shell with KUBECONFIG and kubectl; the server ends with the shell
       test/kube/kube down    end it and forget everything in it`;

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

async function up(): Promise<void> {
  const folder = handFolder();
  if (runningPids(folder).length > 0) return;
  removeStateFolder(folder);
  const kube = await startKube({ folder: handFolder(), lifetime: "detached", controllerManager: true });
  writeFileSync(join(folder, "pids"), kube.pids.join("\n"));
}

function down(): void {
  const folder = handFolder();
  for (const pid of runningPids(folder)) process.kill(pid, "SIGKILL");
  removeStateFolder(folder);
}

/** Only processes that still have this folder in their command line: a number may since belong to something else. */
function runningPids(folder: string): readonly number[] {
  const file = join(folder, "pids");
  if (!existsSync(file)) return [];
  const pids = readFileSync(file, "utf8").split("\n").filter((line) => line !== "");
  return pids.filter((pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder)).map(Number);
}

async function shell(): Promise<number> {
  const environment = { ...process.env, KUBECONFIG: adminKubeconfig(handFolder()), PATH: `${await kubectlFolder()}:${process.env["PATH"] ?? ""}` };
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
