import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { HAPROXY_BACKENDS, renderHAProxyCfg } from "../../../src/render/haproxy-cfg.ts";
import { fixture } from "../../fixtures/render/fixture.ts";
import { haproxyInput } from "../../fixtures/render/inputs.ts";

/** Section head to its lines. */
function sectionsOf(content: string): ReadonlyMap<string, readonly string[]> {
  const blocks = content
    .split("\n\n")
    .map((block) => block.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
  return new Map(
    blocks.filter((block) => block.length > 0).map(([head = "", ...lines]) => [head, lines.map((line) => line.trim())]),
  );
}

describe("haproxy.cfg", () => {
  it("is exactly this for the field's first proxy", () => {
    assert.equal(renderHAProxyCfg(haproxyInput).content, fixture("haproxy.cfg"));
  });

  it("has every member in both pools, whatever it is called (F42), each with an end to what a dead one does not confirm", () => {
    const sections = sectionsOf(renderHAProxyCfg(haproxyInput).content);
    const servers = [
      "server db-master-01 10.0.0.120:5432 tcp-ut 7200ms",
      "server db-slave-01 10.0.0.121:5432 tcp-ut 7200ms",
      "server db-slave-02 10.0.0.122:5432 tcp-ut 7200ms",
    ];
    for (const backend of Object.values(HAPROXY_BACKENDS)) {
      assert.deepEqual(
        sections.get(`backend ${backend}`)?.filter((line) => line.startsWith("server ")),
        servers,
        backend,
      );
    }
  });

  it("asks Patroni for the role, and cuts sessions to a server that lost it (F40)", () => {
    const sections = sectionsOf(renderHAProxyCfg(haproxyInput).content);
    for (const [backend, role] of [
      ["postgres_write", "/primary"],
      ["postgres_read", "/replica"],
    ] as const) {
      const lines = sections.get(`backend ${backend}`) ?? [];
      assert.ok(lines.includes(`http-check send meth OPTIONS uri ${role}`));
      assert.ok(
        lines.some((line) => line.includes("check port 8008") && line.includes("on-marked-down shutdown-sessions")),
      );
    }
  });

  it("lets nobody write while two servers look like the leader", () => {
    assert.ok(
      sectionsOf(renderHAProxyCfg(haproxyInput).content)
        .get("frontend write")
        ?.includes("tcp-request connection reject if { nbsrv(postgres_write) gt 1 }"),
    );
  });

  it("shows the statistics over http to the listed networks, read-only (F46, F47)", () => {
    const lines = sectionsOf(renderHAProxyCfg(haproxyInput).content).get("frontend stats") ?? [];
    assert.ok(lines.includes("mode http") && lines.includes("tcp-request connection reject unless may_look"));
    assert.ok(!lines.some((line) => line.startsWith("stats admin")));
  });

  it("listens on loopback for the pooler beside it (F44), and once where an address is named twice", () => {
    const lines =
      sectionsOf(renderHAProxyCfg({ ...haproxyInput, bindAddresses: ["127.0.0.1", "::1", "127.0.0.1"] }).content).get(
        "frontend write",
      ) ?? [];
    assert.deepEqual(
      lines.filter((line) => line.startsWith("bind")),
      ["bind 127.0.0.1:5432", "bind [::1]:5432"],
    );
  });

  it("says in its description what is loaded", () => {
    const { content, description } = renderHAProxyCfg(haproxyInput);
    assert.match(description, /^pgha-[0-9a-f]{16}\/connectSeconds=2\/clientSeconds=3600\//);
    assert.ok(sectionsOf(content).get("global")?.includes(`description ${description}`));
    assert.notEqual(renderHAProxyCfg({ ...haproxyInput, maxConnections: 2001 }).description, description);
  });

  it("refuses all that is wrong in one go", () => {
    const bad = {
      ...haproxyInput,
      members: [{ name: "a b", address: "10.0.0.1 backup" }],
      bindAddresses: ["*:1\n"],
      statsNetworks: ["all"],
      maxConnections: 1.5,
    };
    assert.throws(
      () => renderHAProxyCfg(bad),
      (error: unknown) => {
        assert.ok(error instanceof InvalidInputError);
        assert.deepEqual(
          error.problems.map(({ path }) => path),
          ["members[0].name", "members[0].address", "bindAddresses[0]", "statsNetworks[0]", "maxConnections"],
        );
        return true;
      },
    );
  });
});
