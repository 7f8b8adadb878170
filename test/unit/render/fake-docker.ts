import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../../temporary/remove-folder.ts";

/**
 * A Docker with one container at most: a folder, and a process of its own that is nobody's child here. Its first
 * process makes the socket that is waited for, says what it does where there is a pipe for that, and ends at SIGTERM
 * with 3, as what was told to end.
 */
const DOCKER = `#!/bin/bash
echo "$1" >>"$D/calls"
[ ! -e "$D/down" ] || exit 1
pid() { cat "$D/pid" 2>/dev/null || echo none; }
runs() { kill -0 "$(pid)" 2>/dev/null; }
case $1 in
version) ;;
inspect) [ -e "$D/label" ] || exit 1
  if runs; then echo "true $(pid) id $(cat "$D/label")"; else echo "false 0 id $(cat "$D/label")"; fi ;;
create) [ ! -e "$D/label" ] || exit 125; echo "$@" >"$D/created"; echo "$PGHA_UNIT" >"$D/label"; echo id ;;
start|attach)
  [ "$1" = attach ] || setsid bash -c '[ ! -p "$D/sockets/.log" ] || exec 3<>"$D/sockets/.log" >&3
    trap "echo its last words; exit 3" TERM; trap "echo HUP >>$D/signals; echo it was told HUP" HUP; echo $$ >"$D/pid"; touch "$D/sockets/ready"
    while [ -d "$D" ]; do sleep 0.02; done' </dev/null >/dev/null 2>&1 &
  until [ -s "$D/pid" ]; do [ -d "$D" ] || exit 1; sleep 0.01; done
  while runs || [ -e "$D/waits" ]; do [ ! -e "$D/down" ] && [ -d "$D" ] || exit 1; sleep 0.02; done
  rm -f "$D/label" "$D/pid"; exit 3 ;;
stop) kill -TERM "$(pid)"; while runs; do sleep 0.02; done ;;
rm) runs || rm -f "$D/label" "$D/pid" ;;
esac
`;

/** Where a unit's script thinks that it is on a host. */
export class FakeDocker {
  readonly folder = mkdtempSync(join(tmpdir(), "pgha-container-"));
  readonly #scripts: ChildProcess[] = [];

  constructor() {
    mkdirSync(join(this.folder, "bin"));
    this.#program("docker", DOCKER);
    this.#program("systemd-notify", '#!/bin/sh\necho "$@" >>"$D/notified"\n');
  }

  #program(name: string, text: string): void {
    writeFileSync(join(this.folder, "bin", name), text);
    chmodSync(join(this.folder, "bin", name), 0o755);
  }

  /** Runs a script as the unit's process of this id. What it says is in the file `said`. */
  start(script: string, unit: string, invocation: string): ChildProcess {
    const said = openSync(join(this.folder, "said"), "a");
    const child = spawn("/bin/sh", ["-c", script], {
      stdio: ["ignore", said, "pipe"],
      // A group of its own, which ends with all that it started.
      detached: true,
      env: {
        ...process.env,
        D: this.folder,
        PATH: `${join(this.folder, "bin")}:${process.env["PATH"] ?? ""}`,
        PGHA_UNIT: unit,
        INVOCATION_ID: invocation,
      },
    });
    closeSync(said);
    this.#scripts.push(child);
    return child;
  }

  read(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  }

  get pid(): number {
    return Number(this.read("pid") || 0);
  }

  /** The daemon goes, or comes back. */
  down(isDown: boolean): void {
    if (isDown) writeFileSync(join(this.folder, "down"), "");
    else rmSync(join(this.folder, "down"), { force: true });
  }

  close(): void {
    for (const child of this.#scripts) {
      if (child.pid !== undefined) end(-child.pid);
      child.stderr?.destroy();
    }
    end(this.pid);
    removeFolder(this.folder);
  }
}

/** A process, or a group of them, that may have ended by itself. */
function end(pid: number): void {
  if (pid === 0) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
