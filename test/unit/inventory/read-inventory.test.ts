import assert from "node:assert/strict";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { load, YAML11_SCHEMA } from "js-yaml";
import { findInventory } from "../../../src/inventory/find.ts";
import { readInventory } from "../../../src/inventory/read-inventory.ts";
import { yamlScalar } from "../../../src/inventory/yaml-scalar.ts";
import { rows, tsv } from "./fixture.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

for (const [reason, text, says] of [
  ["nothing", "", /holds no hosts/],
  ["UTF-16 in it", Buffer.from(tsv(), "utf16le").toString("utf8"), /UTF-16/],
  ["only comments", "# x\n\n# y\t\n", /holds no hosts/],
  ["only a header", tsv([]), /a header and no hosts/],
  ["semicolons", tsv().replaceAll("\t", ";"), /line 1: has no TAB: .* semicolons/],
  ["commas", tsv().replaceAll("\t", ","), /commas/],
  ["spaces", tsv().replaceAll("\t", "  "), /line 1: has no TAB: .* spaces/],
  ["spaces in one line", `${tsv()}prod  web-01  10.0.0.9  x`, /line 11: has no TAB: .* comment the line out/s],
  ["a header without addresses", tsv().replace("IP_PRIVEE", "IP_PRIVE"), /no column IP_PRIVEE .*ip_prive/s],
  ["a column named twice", tsv().replace("FQDN", "HOSTNAME"), /names the column hostname twice/],
  ["a second header", tsv() + tsv(), /line 11: is a second header/],
  ["a row without a name", `${tsv()}prod\t\t\t10.0.0.9`, /line 11: has no host name/],
  ["no header and no known shape", "web-01\tprod\tx\t10.0.0.9\n", /fits neither known layout/],
  ["two shapes and no header", `${tsv(rows, [])}prod\tweb-01\t10.0.0.9\n`, /line 10: .*differently from line 1/],
] as const) {
  void test(`an inventory with ${reason} is refused, with the line`, () => {
    const { problems } = readInventory(text, "servers.tsv");
    assert.match(problems.map(({ path, message, wayOut }) => `${path}: ${message}; ${wayOut ?? ""}`).join("\n"), says);
  });
}

void test("lines are counted as an editor counts them", () => {
  const { hosts, problems } = readInventory(`# first\n\n${tsv()}`, "servers.tsv");
  assert.deepEqual(problems, []);
  assert.deepEqual(
    hosts.map(({ line }) => line),
    [4, 5, 6, 7, 8, 9, 10, 11, 12],
  );
});

void test(
  "the nearest inventory is found, here or up the tree, and a file beside us goes before a " + "folder's",
  async (t) => {
    const top = await mkdtemp(join(tmpdir(), "pgha-inventory-"));
    t.after(async () => removeFolder(top));
    const deep = join(top, "a", "b");
    await mkdir(join(top, "inventory"), { recursive: true });
    await mkdir(deep, { recursive: true });
    assert.equal(await findInventory(deep), undefined);
    await writeFile(join(top, "inventory", "servers.tsv"), "");
    assert.equal(await findInventory(deep), join(top, "inventory", "servers.tsv"));
    await writeFile(join(top, "servers.tsv"), "");
    assert.equal(await findInventory(deep), join(top, "servers.tsv"));
    await writeFile(join(deep, "servers.tsv"), "");
    assert.equal(await findInventory(deep), join(deep, "servers.tsv"));
  },
);

void test("a YAML scalar reads as the text it was made of, in every flavour of YAML", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string(),
    fc.constantFrom(
      "yes",
      "on",
      "~",
      "null",
      "0x1f",
      "1_000",
      "12:30",
      "2001-01-01",
      "1e3",
      ".5",
      "<<",
      "a: b",
      "a #b",
      "- a",
      "a, b",
      "{a}",
      "[a]",
      "&a",
      "*a",
      "!a",
      "%a",
      "@a",
      "`a",
      "a\n---\nb",
      "\u2028",
      "\u0085",
      "\ud83d\ude00",
    ),
  );
  fc.assert(
    fc.property(text, (value) => {
      const document = `{a: ${yamlScalar(value)}, b: [${yamlScalar(value)}]}`;
      assert.deepEqual(load(document), { a: value, b: [value] });
      assert.deepEqual(load(document, { schema: YAML11_SCHEMA }), { a: value, b: [value] });
      assert.match(document, /^[ -~]*$/);
    }),
  );
});
