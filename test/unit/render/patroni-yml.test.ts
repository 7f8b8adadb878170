import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "js-yaml";
import { InvalidInputError } from "../../../src/errors.ts";
import { raftSection } from "../../../src/render/dcs/raft.ts";
import { renderPatroniYml } from "../../../src/render/patroni-yml.ts";
import type { PatroniInput } from "../../../src/render/patroni-yml.ts";
import { fixture } from "../../fixtures/render/fixture.ts";
import { patroniInput, raftInput } from "../../fixtures/render/inputs.ts";

interface Parsed {
  readonly bootstrap: { readonly dcs: Record<string, unknown>; readonly initdb: readonly unknown[] };
  readonly postgresql: Record<string, unknown>;
  readonly raft: { readonly self_addr: string; readonly partner_addrs: readonly string[] };
  readonly tags: Record<string, unknown>;
}

function parsed(change: Partial<PatroniInput>): Parsed {
  return load(renderPatroniYml({ ...patroniInput, ...change }).content) as Parsed;
}

describe("patroni.yml", () => {
  it("is exactly this for the field's first member", () => {
    assert.equal(renderPatroniYml(patroniInput).content, fixture("patroni.yml"));
  });

  it("can bootstrap from any member, since each file has the section (F02)", () => {
    for (const member of patroniInput.members) {
      assert.ok(parsed({ member }).bootstrap.dcs, member.name);
    }
  });

  it("looks once a second during the first bootstrap, whatever the spec asks for later", () => {
    assert.equal(parsed({ dynamic: { ...patroniInput.dynamic, loopWait: 10 } }).bootstrap.dcs["loop_wait"], 1);
  });

  it("carries its digest where GET /patroni shows it", () => {
    const { content, digest } = renderPatroniYml(patroniInput);
    assert.match(digest, /^[0-9a-f]{16}$/);
    assert.equal((load(content) as Parsed).tags["pgha_config"], digest);
  });

  it("has a new digest when something changes that a running Patroni uses", () => {
    const before = renderPatroniYml(patroniInput).digest;
    const changes: readonly Partial<PatroniInput>[] = [
      { clientNetworks: [] },
      { failoverPriority: 3 },
      { poolAddresses: [] },
      { passwords: { ...patroniInput.passwords, replication: "another" } },
    ];
    for (const change of changes)
      assert.notEqual(renderPatroniYml({ ...patroniInput, ...change }).digest, before, JSON.stringify(change));
  });

  it("has a new digest of its start when something changes that a reload passes over, and only then", () => {
    const before = renderPatroniYml(patroniInput).startDigest;
    const startOnly: readonly Partial<PatroniInput>[] = [
      { scope: "other" },
      { dcs: raftSection({ ...raftInput, port: 7001 }) },
      { dcs: raftSection({ ...raftInput, password: "another" }) },
      { dcs: raftSection({ ...raftInput, dataDirectory: "/data/other" }) },
      { postgresql: { ...patroniInput.postgresql, dataDirectory: "/data/other" } },
    ];
    for (const change of startOnly)
      assert.notEqual(renderPatroniYml({ ...patroniInput, ...change }).startDigest, before, JSON.stringify(change));
    const reloadable: readonly Partial<PatroniInput>[] = [
      {
        members: [
          ...patroniInput.members,
          { name: "db-4", address: "10.0.0.123" },
          { name: "db-5", address: "10.0.0.124" },
        ],
      },
      { passwords: { ...patroniInput.passwords, superuser: "another" } },
      { restApi: { ...patroniInput.restApi, password: "another" } },
      { clientNetworks: [] },
    ];
    for (const change of reloadable)
      assert.equal(renderPatroniYml({ ...patroniInput, ...change }).startDigest, before, JSON.stringify(change));
  });

  it("keeps its digest when only the bootstrap section changes, which a running Patroni never looks at", () => {
    const dynamic = { ...patroniInput.dynamic, parameters: { work_mem: "8MB" } };
    const changed = renderPatroniYml({ ...patroniInput, dynamic });
    assert.equal(changed.digest, renderPatroniYml(patroniInput).digest);
    assert.match(changed.content, /work_mem: "8MB"/);
  });

  it("never lets a member of priority 0 lead, in a way that Patroni 3.0 knows too (F19)", () => {
    const { pgha_config: _, ...tags } = parsed({ failoverPriority: 0 }).tags;
    assert.deepEqual(tags, { nofailover: true });
  });

  it("names the partners, not itself, and IPv6 addresses the way PySyncObj splits them", () => {
    const members = [
      { name: "a", address: "fd00::1" },
      { name: "b", address: "fd00::2" },
    ];
    const { raft, postgresql } = parsed({
      members,
      member: { name: "a", address: "fd00::1" },
      dcs: raftSection({ ...raftInput, address: "fd00::1", others: ["fd00::2"] }),
    });
    assert.deepEqual([raft.self_addr, raft.partner_addrs], ["fd00::1:7000", ["fd00::2:7000"]]);
    assert.equal(postgresql["listen"], "127.0.0.1,[fd00::1]:5432");
  });

  it("takes checksums off in words that each version of initdb knows", () => {
    const without = (majorVersion: number) =>
      parsed({ postgresql: { ...patroniInput.postgresql, dataChecksums: false, majorVersion } }).bootstrap.initdb;
    assert.ok(!without(17).some((option) => String(option).includes("checksums")));
    assert.ok(without(18).includes("no-data-checksums"));
  });

  it("refuses all that is wrong in one go, and repeats no secret", () => {
    const bad: PatroniInput = {
      ...patroniInput,
      scope: "../x",
      passwords: { ...patroniInput.passwords, superuser: "hunter2\nhost all all all trust" },
      postgresql: { ...patroniInput.postgresql, dataDirectory: "/data/../etc", locale: "C'; --" },
    };
    assert.throws(
      () => renderPatroniYml(bad),
      (error: unknown) => {
        assert.ok(error instanceof InvalidInputError);
        assert.deepEqual(
          error.problems.map(({ path }) => path),
          ["scope", "postgresql.dataDirectory", "postgresql.locale", "passwords.superuser"],
        );
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });
});
