import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import type { Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./error-code.ts";
import { StateError } from "./state-error.ts";

/** Makes a folder that only this user can enter, or checks that the one there is such a folder. */
export async function privateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") {
      throw new StateError(
        `${path} cannot be made (${codeOf(error)})`,
        "check that the folder around it exists and may be written, or name another with --state",
        error,
      );
    }
  }
  const found = await lstat(path);
  if (!found.isDirectory()) {
    throw new StateError(`${path} is not a folder`, "move it away, or name another folder with --state");
  }
  refuseForeign(path, found, "700");
}

/** Reads a file that only this user can read; undefined when there is none. Refuses one that others can read. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  let file;
  try {
    // Never through a link: it may lead to where others can read.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === "ENOENT") {
      return undefined;
    }
    throw new StateError(
      `${path} cannot be read (${codeOf(error)})`,
      codeOf(error) === "ELOOP" ? "put the file itself there, not a link" : "check who may read it",
      error,
    );
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) {
      throw new StateError(`${path} is not a file`, "move it away");
    }
    refuseForeign(path, found, "600");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/**
 * Writes a file that only this user can read. It is complete under its name, and on disk, or not there at all: written
 * beside its place, flushed, renamed, and the folder flushed too.
 */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.new`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content, "utf8");
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new StateError(
      `${path} cannot be written (${codeOf(error)})`,
      "check free space and who may write the folder; what was there before is unchanged",
      error,
    );
  }
  const folder = await open(dirname(path), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function refuseForeign(path: string, found: Stats, mode: "600" | "700"): void {
  const me = process.geteuid?.();
  if (me !== undefined && found.uid !== me) {
    throw new StateError(
      `${path} belongs to the user with id ${found.uid}, and this is ${me}`,
      `run pgha as that user, or take the folder over with chown -R; whoever owns it can change the passwords in it`,
    );
  }
  if ((found.mode & 0o077) !== 0) {
    const octal = (found.mode & 0o777).toString(8).padStart(3, "0");
    throw new StateError(
      `${path} has mode ${octal}: others on this machine can get at the passwords in it`,
      `close it with: chmod ${mode} '${path}'. If others may have read it, change the passwords`,
    );
  }
}
