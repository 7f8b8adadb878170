import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it, test } from "node:test";
import { readSource } from "../../typed/source.ts";
import { atHost, wayOutAt } from "../../../src/text/at-host.ts";

test("a host is named once", () => {
  assert.equal(atHost("db-1", "out of space"), "db-1: out of space");
  assert.equal(atHost("db-1", "db-1 is out of space"), "db-1 is out of space");
  assert.equal(atHost("db-1", "the host key of db-1 changed"), "db-1: the host key of it changed");
  assert.equal(atHost(undefined, "out of space", "Free some"), "out of space. Free some");
});

test("a connection is called by its address where its host is named already", () => {
  assert.equal(
    atHost("db-1", "lost the connection to db-1 (10.0.0.1:22): reset", "On db-1: journalctl -u ssh"),
    "db-1: lost the connection to 10.0.0.1:22: reset. There: journalctl -u ssh",
  );
  assert.equal(
    atHost("db-1", "db-1 (10.0.0.1:22) cannot be reached through bastion (10.0.0.9:22): no answer"),
    "db-1: 10.0.0.1:22 cannot be reached through bastion (10.0.0.9:22): no answer",
  );
});

test("after that it is there; in commands it stays", () => {
  assert.equal(
    atHost("db-1", "db-1 does not stream", "On db-1: patronictl restart pg db-1; the log on db-1 says why"),
    "db-1 does not stream. There: patronictl restart pg db-1; the log there says why",
  );
  assert.equal(
    atHost("db-1", "another machine", "annotate pgha x/accept-host-key=db-1=machine:1,db-1=volume:2"),
    "db-1: another machine. annotate pgha x/accept-host-key=db-1=machine:1,db-1=volume:2",
  );
  assert.equal(wayOutAt("db-1", "On db-1: df"), "There: df");
});

test("a name within another is none", () => {
  for (const text of ["db-10 leads", "xdb-1 leads", "db-1.example.org leads", "db-1-old leads", "my.db-1 leads"])
    assert.equal(atHost("db-1", text), `db-1: ${text}`);
  assert.equal(atHost("db.1", "dbx1 leads"), "db.1: dbx1 leads");
});

const ROOT = join(import.meta.dirname, "../../../src");
const SOURCES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter(
    (file) => file.endsWith(".ts") && /^(?:plan|reconcilers|status|shell|facts|operator|apply|changes)\//.test(file),
  )
  .map((file) => ({ file, text: readSource(join(ROOT, file)) }));

/** A text of the sources as it may come out for the host db-1. */
function filledIn(template: string): string {
  return template
    .replaceAll(/(Secrets?|PostgresHACluster|database|there host) \$\{[^{}]*\}/g, "$1 x")
    .replaceAll(/\$\{nameOf\((?:to|target)\)\}/g, "db-1 (10.0.0.1:22)")
    .replaceAll(
      /\$\{(?:(?:this|member|target|shell|pooler|looping|away|wish|step|look|left|outsider)\.#?)?(?:host|name)\}/g,
      "db-1",
    )
    .replaceAll(/\$\{[^{}]*\}/g, "x");
}

describe("whatever is found of a host", () => {
  // why and the way out, next to each other, as findings have them; errors have a message and the way out.
  const findings = SOURCES.flatMap(({ file, text }) =>
    [
      ...text.matchAll(/\b(?:why|message|for):\s+`([^`]*)`,\s+(?:\w+: [^`\n]*,\s+)*?wayOut:\s+`([^`]*)`/g),
      ...text.matchAll(/Error\(\s*\S+,\s*`([^`]*)`,\s*\{[^}]*?wayOut:\s+`([^`]*)`/g),
      ...text.matchAll(/\b(?:why|message|for):\s+`([^`]*)`/g),
    ].map(([, why = "", wayOut]) => ({ file, why: filledIn(why), wayOut: wayOut && filledIn(wayOut) })),
  );

  it("is looked at in all rooms", () => assert.ok(findings.length > 80, `${findings.length} findings`));

  it("names it once, but for commands", () => {
    const twice = findings.flatMap(({ file, why, wayOut }) => {
      const said = atHost("db-1", why, wayOut);
      const names =
        said.replaceAll(/patronictl -c \S+ restart --force \S+ db-1/g, "").match(/(?<![\w.=/-])db-1(?![\w=-]|\.\w)/g) ??
        [];
      return names.length > 1 ? [`${file}: ${said}`] : [];
    });
    assert.deepEqual(twice, []);
  });

  it("is put together in one way", () => {
    const own = SOURCES.flatMap(({ file, text }) =>
      text
        .split("\n")
        .filter((line) => /(?<!On )\$\{(?:[\w.]+\.)?host\}: |host === undefined \? "" : `\$\{/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    assert.deepEqual(own, [], "write atHost(host, text, wayOut)");
  });
});
