import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { dynamicConfiguration } from "../../../src/render/dynamic-configuration.ts";
import { patroniInput } from "../../fixtures/render/inputs.ts";

const input = patroniInput.dynamic;

function parametersOf(change: Partial<typeof input>): Readonly<Record<string, string | number>> {
  return dynamicConfiguration({ ...input, ...change }).postgresql.parameters;
}

describe("the dynamic configuration", () => {
  it("is exactly this for the field's stack", () => {
    const { postgresql, ...own } = dynamicConfiguration(input);
    assert.deepEqual(own, {
      ttl: 30,
      loop_wait: 10,
      retry_timeout: 10,
      maximum_lag_on_failover: 1048576,
      primary_start_timeout: 60,
      synchronous_mode: false,
    });
    assert.deepEqual(
      { ...postgresql, parameters: undefined },
      { use_pg_rewind: true, use_slots: true, parameters: undefined },
    );
  });

  it("lets the spec override a default, whatever case it writes", () => {
    assert.equal(parametersOf({ parameters: {} })["max_connections"], 100);
    assert.equal(parametersOf({ parameters: { Max_Connections: 200 } })["max_connections"], 200);
  });

  it("keeps what logins and pg_rewind depend on, whatever the spec says", () => {
    const parameters = parametersOf({
      parameters: { password_encryption: "md5", wal_log_hints: "off", hot_standby: "off" },
    });
    assert.deepEqual(
      [parameters["password_encryption"], parameters["wal_log_hints"], parameters["hot_standby"]],
      ["scram-sha-256", "on", "on"],
    );
  });

  it("preloads pg_stat_statements where a database declares it, beside what the spec preloads", () => {
    assert.equal(parametersOf({ extensions: [] })["shared_preload_libraries"], undefined);
    assert.equal(
      parametersOf({ extensions: ["pg_stat_statements"] })["shared_preload_libraries"],
      "pg_stat_statements",
    );
    const both = parametersOf({
      parameters: { shared_preload_libraries: "auto_explain, pg_stat_statements" },
      extensions: ["pg_stat_statements"],
    });
    assert.equal(both["shared_preload_libraries"], "auto_explain,pg_stat_statements");
    assert.equal(
      parametersOf({ parameters: { shared_preload_libraries: "auto_explain" }, extensions: ["pg_stat_statements"] })[
        "shared_preload_libraries"
      ],
      "auto_explain,pg_stat_statements",
    );
  });

  it("has its parameters sorted, so that the same spec gives the same bytes", () => {
    const names = Object.keys(parametersOf({ parameters: { zzz: 1, aaa: 2 } }));
    assert.deepEqual(names, names.toSorted());
  });

  it("refuses a value that would be a second line of postgresql.conf", () => {
    for (const parameters of [
      { work_mem: "1MB\nfsync = off" },
      { "a = b": "x" },
      { work_mem: Number.NaN },
      { "a.b.c": 1 },
    ]) {
      assert.throws(
        () => dynamicConfiguration({ ...input, parameters }),
        InvalidInputError,
        JSON.stringify(parameters),
      );
    }
  });
});
