import assert from "node:assert/strict";
import { test } from "node:test";
import { atHost } from "../../../src/text/at-host.ts";

test("a host is named once", () => {
  assert.equal(atHost("db-1", "out of space"), "db-1: out of space");
  assert.equal(atHost("db-1", "db-1 is out of space"), "db-1 is out of space");
  assert.equal(atHost("db-1", "no login at (db-1)."), "no login at (db-1).");
  assert.equal(atHost(undefined, "out of space"), "out of space");
});

test("a name within another is none", () => {
  for (const text of ["db-10 leads", "xdb-1 leads", "db-1.example.org leads", "db-1-old leads", "my.db-1 leads"])
    assert.equal(atHost("db-1", text), `db-1: ${text}`);
  assert.equal(atHost("db.1", "dbx1 leads"), "db.1: dbx1 leads");
});
