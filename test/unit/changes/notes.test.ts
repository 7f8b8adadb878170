import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { keepNote } from "../../../src/changes/notes.ts";
import { notesOf } from "../../../src/desired/notes.ts";
import { script, sh } from "../../../src/shell/command.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const FILE = `# Written by pgha
bootstrap:
  dcs:
    ttl: 30

  initdb:
    - encoding: "UTF8"
name: "db-1"
postgresql:
  port: 5432
`;

/** A host in a folder, whose process has read `read` of its file at some time. */
function host(context: TestContext, before: string) {
  const root = mkdtempSync(join(tmpdir(), "pgha-notes-"));
  context.after(() => removeFolder(root));
  const path = join(root, "config.yml");
  const notes = join(root, notesOf("patroni.service"));
  mkdirSync(dirname(notes), { recursive: true });
  writeFileSync(path, before);
  const revision = (): string => {
    const { ino, ctimeNs } = statSync(path, { bigint: true });
    return `${ino}:${ctimeNs / 1_000_000_000n}.${String(ctimeNs % 1_000_000_000n).padStart(9, "0")}`;
  };
  const note = (line: string): void => writeFileSync(notes, `${line}\n`, { flag: "a" });
  return {
    path,
    revision,
    note,
    replace: async (content: string): Promise<readonly string[]> => {
      const temporary = `${path}.pgha-new`;
      writeFileSync(temporary, content);
      const { before: look, after: tell } = keepNote(path, temporary, {
        unit: "patroni.service",
        section: "bootstrap",
      });
      const { exitCode, stderr } = await localShell((text) => text.replaceAll("/run/pgha", `${root}/run/pgha`)).run(
        script([look, sh`mv -T ${temporary} ${path}`, tell]),
        { deadlineMs: 10_000 },
      );
      assert.deepEqual([exitCode, stderr], [0, ""]);
      return readFileSync(notes, "utf8").trimEnd().split("\n");
    },
  };
}

describe("a file that is replaced", () => {
  it("counts as read where it was, and nothing but what is never read again is another", async (context) => {
    const { path, revision, note, replace } = host(context, FILE);
    note(`0a read ${revision()} ${path}`);
    note(`0b read 1:2.000000000 ${path}`);
    const lines = await replace(FILE.replace("ttl: 30", "ttl: 60\n    loop_wait: 5"));
    assert.equal(lines.at(-1), `0a read ${revision()} ${path}`);
    assert.equal(lines.length, 3);
  });

  it("does not where anything else is another, that was edited before or is now", async (context) => {
    const edited = host(context, `${FILE}log:\n  level: DEBUG\n`);
    edited.note(`0a read ${edited.revision()} ${edited.path}`);
    assert.equal((await edited.replace(FILE)).length, 1);
    const other = host(context, FILE);
    other.note(`0a read ${other.revision()} ${other.path}`);
    assert.equal((await other.replace(FILE.replace("5432", "5433"))).length, 1);
  });

  it("does not where what lay there was changed since it was read, if only to be put back", async (context) => {
    const { path, revision, note, replace } = host(context, FILE);
    note(`0a read ${revision()} ${path}`);
    writeFileSync(`${path}.mine`, FILE);
    renameSync(`${path}.mine`, path);
    assert.equal((await replace(FILE.replace("ttl: 30", "ttl: 60"))).length, 1);
  });
});
