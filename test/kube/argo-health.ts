import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { debianProgram } from "./debian-program.ts";
import { removeFolder } from "../temporary/remove-folder.ts";

export interface Health {
  readonly status: string;
  readonly message: string;
}

export const HEALTH_SCRIPT = fileURLToPath(new URL("../../manifests/argocd/health.lua", import.meta.url));

/**
 * What Argo CD would say of each object. Rejects when the script fails, asks for what Argo CD does not give, or takes
 * too long.
 */
export async function healthOf(objects: readonly object[], script = HEALTH_SCRIPT): Promise<readonly Health[]> {
  const folder = await mkdtemp(join(tmpdir(), "pgha-health-"));
  try {
    const file = join(folder, "objects.lua");
    await writeFile(file, `return {\n${objects.map(lua).join(",\n")}\n}\n`);
    const runner = join(import.meta.dirname, "argo-runner.lua");
    const { stdout } = await promisify(execFile)(
      await debianProgram("lua5.1", "usr/bin/lua5.1"),
      [runner, script, file],
      { timeout: 30_000, maxBuffer: 16 << 20 },
    );
    return stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        const [status = "", message = ""] = line.split("\t");
        return { status, message };
      });
  } finally {
    removeFolder(folder);
  }
}

/** A value of JSON as Lua writes it. Fields that are null or undefined are not there. */
function lua(value: unknown): string {
  if (typeof value === "string") return luaString(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `{${value.map(lua).join(", ")}}`;
  if (typeof value !== "object" || value === null) return "nil";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return `{${fields.map(([key, field]) => `[${luaString(key)}] = ${lua(field)}`).join(", ")}}`;
}

function luaString(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte < 32 || byte > 126 || byte === 34 || byte === 92
      ? `\\${String(byte).padStart(3, "0")}`
      : String.fromCodePoint(byte),
  );
  return `"${bytes.join("")}"`;
}
