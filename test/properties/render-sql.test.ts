import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { InvalidInputError } from "../../src/errors.ts";
import { quoteIdentifier, quoteLiteral } from "../../src/render/sql-quoting.ts";
import {
  alterDatabase,
  alterMemberships,
  createDatabase,
  createExtension,
  createRole,
  setVerifier,
  sqlScript,
} from "../../src/render/sql.ts";
import { verifierOf } from "../fixtures/render/inputs.ts";
import { hostile } from "./hostile.ts";
import { readSql } from "./sql-reader.ts";
import type { SqlToken } from "./sql-reader.ts";

const RUNS = { numRuns: 500 };

/** Names that PostgreSQL takes; the others are refused, which the unit tests see to. */
const name = hostile.filter(
  (text) => text !== "" && !text.includes("\0") && text.isWellFormed() && Buffer.byteLength(text) <= 63,
);
const text = hostile.filter((value) => !value.includes("\0") && value.isWellFormed());

/** Everything a builder can say about a role and a database of these names. */
function everything(role: string, database: string): string {
  const attributes = {
    name: role,
    login: true,
    superuser: false,
    createdb: false,
    createrole: false,
    inherit: true,
    replication: false,
    bypassrls: false,
    connectionLimit: -1,
  };
  return sqlScript([
    createRole(attributes, { grant: [database], revoke: [role] }),
    alterMemberships(role, { grant: [], revoke: [database] }),
    setVerifier(role, verifierOf("A")),
    createDatabase({ name: database, owner: role, encoding: "UTF8", locale: "C.UTF-8", connectionLimit: -1 }),
    alterDatabase(database, { owner: role, connectionLimit: 3 }),
    createExtension(database),
  ]);
}

/** The tokens with the two names replaced, in statements inside literals as well. */
function shape(script: string, role: string, database: string): readonly SqlToken[] {
  return readSql(script).flatMap((token): readonly SqlToken[] => {
    if (token.kind === "literal" && token.text.startsWith("CREATE ")) return shape(token.text, role, database);
    if (token.kind !== "identifier" && token.kind !== "literal") return [token];
    return [
      { kind: token.kind, text: token.text === role ? "ROLE" : token.text === database ? "DATABASE" : token.text },
    ];
  });
}

describe("whatever string comes to SQL", () => {
  it("is the same literal again when PostgreSQL reads it", () => {
    fc.assert(
      fc.property(text, (value) => {
        assert.deepEqual(readSql(quoteLiteral(value)), [{ kind: "literal", text: value }]);
      }),
      RUNS,
    );
  });

  it("is the same identifier again when PostgreSQL reads it", () => {
    fc.assert(
      fc.property(name, (value) => {
        assert.deepEqual(readSql(quoteIdentifier(value)), [{ kind: "identifier", text: value }]);
      }),
      RUNS,
    );
  });

  it("changes no statement: the tokens around the names are always the same", () => {
    const plain = shape(everything("some_role", "some_database"), "some_role", "some_database");
    fc.assert(
      fc.property(name, name, (role, database) => {
        fc.pre(role !== database && !role.startsWith("CREATE ") && !database.startsWith("CREATE "));
        assert.deepEqual(shape(everything(role, database), role, database), plain);
      }),
      RUNS,
    );
  });

  it("is refused with InvalidInputError when PostgreSQL could not take it, never passed on", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const isTakable =
          value !== "" && !value.includes("\0") && value.isWellFormed() && Buffer.byteLength(value) <= 63;
        if (isTakable) assert.doesNotThrow(() => everything(value, "x"));
        else assert.throws(() => everything(value, "x"), InvalidInputError);
      }),
      RUNS,
    );
  });
});
