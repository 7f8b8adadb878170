import { randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { codeOf } from "./error-code.ts";
import { readPrivateFile } from "./private-file.ts";
import { StateLockedError } from "./state-error.ts";

/** The right to change the state, until `release`. */
export interface RunLock {
  release(): Promise<void>;
}

/** Who holds a lock. A process id alone is not enough: it is used again, and another machine has its own. */
interface Owner {
  readonly pid: number;
  /** Start of the process in clock ticks since boot, as /proc has it; "" where there is no /proc. */
  readonly started: string;
  readonly boot: string;
  readonly machine: string;
  readonly doing: string;
  readonly since: string;
  readonly token: string;
}

/**
 * Keeps two runs on one state folder apart. `doing` is what the other one will be told: "pgha apply". A lock whose
 * process is gone (it was killed, the machine went down) is taken over; one from another machine is not judged.
 *
 * Throws StateLockedError.
 */
export async function lockState(folder: string, doing: string): Promise<RunLock> {
  const path = join(folder, "run.lock");
  const me = await thisProcess(doing);
  if (!(await take(path, me))) {
    const owner = await readOwner(path);
    if (owner !== undefined && !(await isGone(owner, me))) {
      throw held(path, owner, me);
    }
    await breakLock(path, owner, me);
  }
  return {
    release: async () => {
      if ((await readOwner(path))?.token === me.token) {
        await rm(path, { force: true });
      }
    },
  };
}

/** Only who made `<path>.break` may remove a dead owner's lock: two that both see it dead must not both take over. */
async function breakLock(path: string, dead: Owner | undefined, me: Owner): Promise<void> {
  const breaker = `${path}.break`;
  if (!(await take(breaker, me))) {
    throw new StateLockedError(
      `another run of pgha is taking over the lock ${path} at this moment`,
      `try again; if it stays so and no pgha runs, remove ${breaker}`,
    );
  }
  try {
    const now = await readOwner(path);
    if (now !== undefined && now.token !== dead?.token) {
      throw held(path, now, me);
    }
    await rm(path, { force: true });
    if (!(await take(path, me))) {
      throw held(path, await readOwner(path), me);
    }
  } finally {
    await rm(breaker, { force: true });
  }
}

/** Puts a whole lock file in place, or finds one there: link(2) does not replace. */
async function take(path: string, me: Owner): Promise<boolean> {
  const temporary = `${path}.${me.token}`;
  await writeFile(temporary, JSON.stringify(me), { mode: 0o600, flag: "wx" });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") {
      throw error;
    }
    return false;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Undefined when there is no lock, or none that can be read: nobody writes half of one. */
async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await readPrivateFile(path);
  try {
    const owner: unknown = JSON.parse(text ?? "");
    return typeof owner === "object" && owner !== null && "pid" in owner && "token" in owner
      ? (owner as Owner)
      : undefined;
  } catch {
    return undefined;
  }
}

async function isGone(owner: Owner, me: Owner): Promise<boolean> {
  if (owner.machine !== me.machine) {
    return false;
  }
  if (owner.boot !== me.boot) {
    return true;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
  return owner.started !== (await startOf(owner.pid));
}

function held(path: string, owner: Owner | undefined, me: Owner): StateLockedError {
  if (owner === undefined) {
    return new StateLockedError(`another run of pgha just took ${path}`, "try again when it is done");
  }
  const elsewhere = owner.machine === me.machine ? "" : ` on ${owner.machine}`;
  const wayOut =
    elsewhere === ""
      ? "wait until it is done"
      : `wait until it is done; if ${owner.machine} is gone for good, remove ${path}`;
  return new StateLockedError(
    `${owner.doing}, process ${owner.pid}${elsewhere}, has been at work with this state since ${owner.since}`,
    wayOut,
  );
}

async function thisProcess(doing: string): Promise<Owner> {
  return {
    pid: process.pid,
    started: await startOf(process.pid),
    boot: await readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
      (text) => text.trim(),
      () => "",
    ),
    machine: hostname(),
    doing,
    since: new Date().toISOString(),
    token: randomUUID(),
  };
}

/** Field 22 of /proc/<pid>/stat, proc_pid_stat(5). The name in field 2 may hold anything, so count from its end. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
