import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { soundStack } from "../api/stack.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

/** A folder with a sound pgha.yaml for three members and two proxies; gone at the end of the test. */
export function manifestFolder(context: TestContext): string {
  const folder = emptyFolder(context);
  const { cluster, haproxy, pgbouncer } = soundStack();
  writeFileSync(
    join(folder, "pgha.yaml"),
    [cluster, haproxy, pgbouncer].map((document) => JSON.stringify(document)).join("\n---\n"),
  );
  return folder;
}

export function emptyFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pgha-cli-"));
  context.after(() => removeFolder(folder));
  return folder;
}
