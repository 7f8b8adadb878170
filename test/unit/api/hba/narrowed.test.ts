import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { coversLine } from "../../../../src/api/hba/covers.ts";
import { readHbaLine } from "../../../../src/api/hba/line.ts";
import type { HbaLine } from "../../../../src/api/hba/line.ts";
import { narrowed } from "../../../../src/api/hba/narrowed.ts";

function lineOf(text: string): HbaLine {
  const read = readHbaLine(text, 17);
  assert.ok("line" in read, text);
  return read.line;
}

const TYPES = ["host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"];
const ADDRESSES = ["all", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "fd00::/8", "0.0.0.0/0"];

const lines = fc.array(
  fc
    .record({
      type: fc.constantFrom(...TYPES),
      database: fc.constantFrom("all", "shop", "shop,blog", "replication"),
      user: fc.constantFrom("all", "ada", "ada,bob"),
      address: fc.constantFrom(...ADDRESSES),
      method: fc.constantFrom("scram-sha-256", "trust", "reject", "ldap ldapserver=x ldapprefix=y"),
    })
    .map(({ type, database, user, address, method }) => lineOf(`${type} ${database} ${user} ${address} ${method}`)),
  { maxLength: 5 },
);

/** Connections, each as the line that is for it alone. */
const CONNECTIONS = ["hostssl", "hostgssenc", "plain"].flatMap((type) =>
  ["shop", "blog", "other", "replication"].flatMap((database) =>
    ["ada", "bob", "eve"].flatMap((user) =>
      ["10.1.2.3/32", "10.1.9.9/32", "10.9.9.9/32", "192.0.2.1/32", "fd00::1/128"].map((address) => ({
        type,
        line: lineOf(`${type === "plain" ? "hostnossl" : type} ${database} ${user} ${address} trust`),
      })),
    ),
  ),
);

/** The first line that matches decides: hba.c, check_hba. */
function decides(rules: readonly HbaLine[], { type, line }: (typeof CONNECTIONS)[number]): HbaLine | undefined {
  const found = rules.find((rule) => isFor(rule, type, line));
  return found?.method === "reject" ? undefined : found;
}

function isFor(rule: HbaLine, type: string, line: HbaLine): boolean {
  const isOfType =
    rule.type === "host" ||
    rule.type === (type === "plain" ? "" : type) ||
    (rule.type === "hostnossl" && type !== "hostssl") ||
    (rule.type === "hostnogssenc" && type !== "hostgssenc");
  return isOfType && coversLine({ ...rule, type: "host" }, { ...line, type: "host" });
}

describe("who gets in less easily by other lines", () => {
  it("is told of everybody who is refused, and of nobody else", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const refused = narrowed(before, after).filter((one) => one.kind === "refused");
        for (const connection of CONNECTIONS) {
          const { type, line } = connection;
          const isRefused = decides(before, connection) !== undefined && decides(after, connection) === undefined;
          const told = refused.filter(({ whom }) => isFor(whom, type, line));
          if (isRefused) assert.ok(told.length > 0, JSON.stringify(line));
          for (const { beside } of told)
            if (!beside.some((other) => isFor(other, type, line)))
              assert.equal(decides(after, connection), undefined, JSON.stringify(line));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is told of everybody who has to prove himself otherwise", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const asked = narrowed(before, after).filter((one) => one.kind === "asked");
        for (const connection of CONNECTIONS) {
          const [was, is] = [decides(before, connection), decides(after, connection)];
          if (was === undefined || is === undefined || is.method === "trust" || was.method === is.method) continue;
          assert.ok(
            asked.some(({ whom }) => isFor(whom, connection.type, connection.line)),
            JSON.stringify(connection.line),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is nobody while the lines stay", () => {
    fc.assert(fc.property(lines, (before) => assert.deepEqual(narrowed(before, before), [])));
  });
});
