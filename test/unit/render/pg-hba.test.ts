import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { pgHba } from "../../../src/render/pg-hba.ts";
import type { HbaInput } from "../../../src/render/pg-hba.ts";

const input: HbaInput = {
  users: { superuser: "postgres", replication: "replicator", rewind: "rewind_user" },
  memberAddresses: ["10.0.0.120", "fd00::121", "db3.example"],
  poolAddresses: ["10.0.0.11"],
  clientNetworks: ["10.0.0.0/16"],
  additional: ["host all all all trust"],
};

/** The first line that matches decides, as in PostgreSQL; addresses are compared as text. */
function decision(lines: readonly string[], database: string, user: string, from: string): string {
  const line = lines
    .map((text) => text.split(" "))
    .find(
      ([kind, databases = "", users = "", address]) =>
        kind === "host" &&
        (databases === database || (databases === "all" && database !== "replication")) &&
        (users === "all" || users.split(",").includes(user)) &&
        (address === "all" || address === from),
    );
  return line?.[4] ?? "none";
}

describe("pg_hba.conf", () => {
  it("starts with the superuser over the socket, which is how Patroni comes in", () => {
    assert.equal(pgHba(input)[0], "local all postgres peer");
  });

  it("admits the superuser from 127.0.0.1, or a bootstrap loops for ever (L01)", () => {
    assert.equal(decision(pgHba(input), "postgres", "postgres", "127.0.0.1/32"), "scram-sha-256");
    assert.equal(
      decision(
        pgHba({ ...input, memberAddresses: [], poolAddresses: [], clientNetworks: [], additional: [] }),
        "postgres",
        "postgres",
        "127.0.0.1/32",
      ),
      "scram-sha-256",
    );
  });

  it("admits replication and rewind from every member, however it is addressed (F13)", () => {
    for (const from of ["10.0.0.120/32", "fd00::121/128", "db3.example"]) {
      assert.equal(decision(pgHba(input), "replication", "replicator", from), "scram-sha-256", from);
      assert.equal(decision(pgHba(input), "postgres", "rewind_user", from), "scram-sha-256", from);
    }
  });

  it("refuses the system users from pools and clients, whatever the spec adds (F94)", () => {
    for (const user of ["postgres", "replicator", "rewind_user"]) {
      for (const from of ["10.0.0.11/32", "10.0.0.0/16", "all"]) {
        assert.equal(decision(pgHba(input), "keybuzz", user, from), "reject", `${user} from ${from}`);
      }
    }
  });

  it("admits declared roles by password from pools and client networks, not to physical replication", () => {
    for (const from of ["10.0.0.11/32", "10.0.0.0/16"]) {
      assert.equal(decision(pgHba(input), "keybuzz", "keybuzz", from), "scram-sha-256", from);
      assert.equal(decision(pgHba(input), "replication", "keybuzz", from), "none", from);
    }
  });

  it("has the lines of the spec last", () => {
    assert.equal(pgHba(input).at(-1), "host all all all trust");
  });

  it("refuses a line that would be two, and a network that is none", () => {
    for (const bad of [
      { additional: ["host all all all scram-sha-256\nhost all all all trust"] },
      { clientNetworks: ["all"] },
      { clientNetworks: ["10.0.0.0/33"] },
      { poolAddresses: ["10.0.0.11 trust #"] },
    ]) {
      assert.throws(() => pgHba({ ...input, ...bad }), InvalidInputError, JSON.stringify(bad));
    }
  });
});
