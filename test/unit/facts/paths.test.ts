import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { pathsFact } from "../../../src/facts/paths.ts";
import type { PathFact } from "../../../src/facts/types.ts";
import { databaseHostQuestions, proxyHostQuestions } from "../../fixtures/facts/questions.ts";
import { anyCharacter } from "../../properties/any-character.ts";
import { answerOf, hung, readTranscript } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const directory = mkdtempSync(join(tmpdir(), "pgha-paths-"));
after(() => removeFolder(directory));

function look(paths: readonly string[], yielding: readonly string[] = []): Readonly<Record<string, PathFact>> {
  const fact = pathsFact(paths, yielding);
  return fact.parse({
    exitCode: 0,
    stdout: execFileSync("/bin/sh", ["-c", fact.command.script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  });
}

describe("paths", () => {
  it("are read from a real database host", () => {
    const transcript = readTranscript("debian-13/replica");
    const paths = databaseHostQuestions(transcript.host).paths.parse(answerOf(transcript, "paths"));
    assert.deepEqual(paths["/etc/patroni/config.yml"], {
      kind: "file",
      sha256: "32b0f25dbae8d0aa681efa7e53b1f856c19a5e4eb2a0948f7d537bff1a4fea09",
      owner: "postgres",
      group: "postgres",
      mode: 0o600,
    });
    assert.deepEqual(paths["/opt/keybuzz/postgres/data/pgdata"], {
      kind: "directory",
      owner: "postgres",
      group: "postgres",
      mode: 0o700,
    });
    assert.deepEqual(paths["/etc/os-release"], { kind: "other", what: "symbolic link" });
    assert.deepEqual(paths["/nonesuch/file"], { kind: "absent" });
  });

  it("name a socket for what it is", () => {
    const transcript = readTranscript("debian-13/proxy");
    const paths = proxyHostQuestions(transcript.host).paths.parse(answerOf(transcript, "paths"));
    assert.deepEqual(paths["/run/pgha-haproxy/admin.sock"], { kind: "other", what: "socket" });
  });

  it("come back right for any names and contents", () => {
    const name = fc
      .string({ unit: anyCharacter, minLength: 1, maxLength: 30 })
      .map((text) => text.replaceAll(/[\0/]/g, "_"))
      .filter((text) => text.isWellFormed() && text !== "." && text !== "..");
    const files = fc.uniqueArray(fc.tuple(name, fc.string({ maxLength: 20 })), {
      selector: ([path]) => path,
      minLength: 1,
      maxLength: 12,
    });
    let round = 0;
    fc.assert(
      fc.property(files, (entries) => {
        const here = join(directory, `round-${(round += 1)}`);
        mkdirSync(here);
        for (const [path, content] of entries) writeFileSync(`${here}/${path}`, content, { mode: 0o640 });
        const facts = look(entries.map(([path]) => `${here}/${path}`));
        for (const [path, content] of entries) {
          const fact = facts[`${here}/${path}`];
          assert.equal(fact?.kind === "file" && fact.sha256, createHash("sha256").update(content).digest("hex"));
        }
      }),
      { numRuns: 12 },
    );
  });

  it("are never followed through a link, dangling or not, and report owner and mode", () => {
    const at = (name: string): string => join(directory, name);
    writeFileSync(at("file"), "");
    symlinkSync(at("file"), at("link"));
    symlinkSync(at("nonesuch"), at("dangling"));
    mkdirSync(at("dir"), { mode: 0o2750 });
    execFileSync("chmod", ["2750", at("dir")]);
    const facts = look([at("file"), at("link"), at("dangling"), at("dir"), at("nonesuch"), at("file/below")]);
    const link = { kind: "other", what: "symbolic link" };
    assert.deepEqual(
      [facts[at("link")], facts[at("dangling")], facts[at("nonesuch")], facts[at("file/below")]],
      [link, link, { kind: "absent" }, { kind: "absent" }],
    );
    const file = facts[at("file")];
    assert.equal(file?.kind === "file" && file.owner, userInfo().username);
    assert.equal(file?.kind === "file" && file.uid, userInfo().uid);
    const made = facts[at("dir")];
    assert.equal(made?.kind === "directory" && made.mode, 0o2750);
  });

  it("that yield are told from somebody else's by how they begin, scripts below their first line", () => {
    const contents = {
      "own.conf": "# Written by pgha, which brings it back\n",
      "own-script": "#!/bin/sh\n# Written by pgha, which brings it back\n",
      "own-without-end": "# Written by pgha",
      "pip-script": "#!/usr/bin/python3\nimport sys\n",
      "later.conf": "# mine\n# Written by pgha\n",
      empty: "",
      binary: "\u007FELF\0\0\n",
    };
    const at = (name: string): string => join(directory, `yield ${name}`);
    for (const [name, content] of Object.entries(contents)) writeFileSync(at(name), content);
    const names = Object.keys(contents);
    const facts = look([...names.map(at), at("absent")], [...names.map(at), at("absent")]);
    const own = names.filter((name) => {
      const fact = facts[at(name)];
      return fact?.kind === "file" && fact.own === true;
    });
    assert.deepEqual(own, ["own.conf", "own-script", "own-without-end"]);
    assert.deepEqual(facts[at("absent")], { kind: "absent" });
    const unasked = look([at("own.conf")])[at("own.conf")];
    assert.ok(unasked?.kind === "file" && !("own" in unasked));
  });

  it("are all absent when none exists, and not made up when the look hung", () => {
    assert.deepEqual(look(["/nonesuch/a", "/nonesuch/b"]), {
      "/nonesuch/a": { kind: "absent" },
      "/nonesuch/b": { kind: "absent" },
    });
    assert.throws(() => pathsFact(["/a"]).parse(hung));
  });
});
