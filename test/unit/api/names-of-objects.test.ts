import assert from "node:assert/strict";
import { test } from "node:test";
import { encodingNamed, encodingOfCharset } from "../../../src/api/parameters/encoding.ts";
import { readReal } from "../../../src/api/parameters/number.ts";
import { packageOf } from "../../../src/api/rules/extensions.ts";

/** What every object of JavaScript has; a table must not find it there. */
const EVERYWHERE = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__", "isPrototypeOf"];

test("no table knows a name that every object has", () => {
  for (const name of EVERYWHERE) {
    assert.equal(packageOf(name, 17), `postgresql-17-${name.replaceAll("_", "-")}`);
    assert.equal(encodingNamed(name), undefined);
    assert.equal(encodingOfCharset(name.toLowerCase()), "any");
    assert.equal(readReal(`64${name}`, "kB").ok, false);
  }
});
