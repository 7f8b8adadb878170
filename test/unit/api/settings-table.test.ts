import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { judgeValue } from "../../../src/api/parameters/value.ts";
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

describe("a value within the range of its setting", () => {
  // Each was asked of `postgres -C NAME -c NAME=VALUE` of its major.
  for (const [major, name, value, wayOut] of [
    [17, "transaction_buffers", 1000, /write 1008/],
    [18, "commit_timestamp_buffers", 5, /write 16$/],
    [18, "notify_buffers", "1MB", undefined],
    [17, "subtransaction_buffers", 0, undefined],
    [18, "io_max_concurrency", 0, /write -1/],
    [18, "io_max_concurrency", 1, undefined],
    [16, "vacuum_buffer_usage_limit", "100kB", /128kB/],
    [16, "vacuum_buffer_usage_limit", "128kB", undefined],
    [16, "vacuum_buffer_usage_limit", 0, undefined],
  ] as const)
    it(`is judged as PostgreSQL ${major} does by itself: ${name} = ${value}`, () => {
      const setting = settingsOf(major)?.get(name);
      assert.ok(setting !== undefined);
      const judged = judgeValue(setting, value);
      if (wayOut === undefined) assert.ok(judged.ok);
      else assert.match(judged.ok ? "" : judged.wayOut, wayOut);
    });

  it("means what the server shows: a switch that became a choice", () => {
    const setting = settingsOf(13)?.get("password_encryption");
    assert.ok(setting !== undefined);
    assert.deepEqual(judgeValue(setting, "on"), { ok: true, value: "md5" });
  });
});
