import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { DESCRIBED_MAJORS, settingsOf } from "../../../src/api/parameters/setting.ts";

/** No file may set them: where the data and the files are, and what is one transaction's. */
const NOT_OF_A_FILE = new Set([
  "config_file",
  "data_directory",
  "transaction_deferrable",
  "transaction_isolation",
  "transaction_read_only",
]);
/** What Debian's build has and the recorded ones have not. */
const OF_THE_BUILD = new Set(["lz4", "zstd", "io_uring"]);
/** Debian's own setting, pgvector's, and those of extensions that are not preloaded. */
const BESIDE = /^(extension_destdir|(hnsw|ivfflat|isn|pgcrypto)\..*)$/;

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

function recorded(major: number): readonly Row[] {
  const text = readFileSync(new URL(`../../fixtures/settings/${major}.tsv`, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([name = "", ...cells]) => ({ name, cells }));
}

describe("the table of settings", () => {
  for (const major of DESCRIBED_MAJORS)
    it(`says of PostgreSQL ${major} what a real one says`, () => {
      const table = settingsOf(major) ?? new Map();
      const rows = recorded(major);
      const differing = rows.flatMap(({ name, cells }) => {
        const setting = table.get(name);
        if (setting === undefined) return [`${name} is missing`];
        const isNumber = setting.type === "integer" || setting.type === "real";
        const here = [
          NOT_OF_A_FILE.has(name) ? cells[0] : setting.context,
          setting.type,
          setting.unit === "" ? "-" : setting.unit,
          ...(isNumber ? [setting.least, setting.most] : ["-", "-"]).map(String),
          setting.values
            .filter((value: string) => !OF_THE_BUILD.has(value))
            .toSorted()
            .join(",") || "-",
        ];
        const [context, type, unit, least, most, values = "-"] = cells;
        const numbers = isNumber ? [String(Number(least)), String(Number(most))] : ["-", "-"];
        const there = [context, type, unit, ...numbers, values.split(",").toSorted().join(",")];
        const isInternal = context === "internal" || NOT_OF_A_FILE.has(name);
        const [one, other] = isInternal ? [here.slice(0, 2), there.slice(0, 2)] : [here, there];
        return one.join(" ") === other.join(" ") ? [] : [`${name}: ${one.join(" ")} here, ${other.join(" ")} there`];
      });
      assert.deepEqual(differing, []);
      const names = new Set(rows.map(({ name }) => name));
      assert.ok(names.size > 350);
      assert.deepEqual(
        [...table.keys()].filter((name: string) => !names.has(name) && !BESIDE.test(name)),
        [],
      );
    });
});
