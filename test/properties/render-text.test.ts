import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { load } from "js-yaml";
import { InvalidInputError } from "../../src/errors.ts";
import { renderHAProxyCfg } from "../../src/render/haproxy-cfg.ts";
import { raftSection } from "../../src/render/dcs/raft.ts";
import { renderPatroniYml } from "../../src/render/patroni-yml.ts";
import { renderPgBouncer } from "../../src/render/pgbouncer-ini.ts";
import { renderUserlist } from "../../src/render/pgbouncer-userlist.ts";
import { patroniDropIn } from "../../src/render/units.ts";
import { yamlDocument } from "../../src/render/yaml.ts";
import { haproxyInput, patroniInput, pgbouncerInput, raftInput, verifierOf } from "../fixtures/render/inputs.ts";
import { hostile } from "./hostile.ts";

/** The text, or undefined when the renderer refused the input with InvalidInputError; anything else is a fault. */
function rendered(render: () => string): string | undefined {
  try {
    return render();
  } catch (error) {
    assert.ok(error instanceof InvalidInputError, String(error));
    return undefined;
  }
}

/**
 * The file must be the one with a harmless word, the value standing where the word stood and nothing else changed: so
 * no line, section or directive was added. Digests differ and are set aside.
 */
function sameBut(text: string, harmless: string, word: string, value: string): void {
  const withoutDigest = (whole: string) => whole.replaceAll(/pgha-[0-9a-f]{16}/g, "DIGEST");
  assert.equal(withoutDigest(text), withoutDigest(harmless).split(word).join(value));
}

const RUNS = { numRuns: 400 };

describe("whatever string comes", () => {
  it("is the same string again when the YAML is read", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          hostile.filter((key) => key.isWellFormed()),
          hostile.filter((text) => text.isWellFormed()),
        ),
        (document) => {
          const plain = Object.fromEntries(Object.entries(document));
          assert.deepEqual(load(yamlDocument(plain)), plain);
        },
      ),
      RUNS,
    );
  });

  it("is no mark between documents, where it begins as one", () => {
    for (const key of ["---", "--- '", "--- a", "...", "... a"])
      assert.deepEqual(load(yamlDocument({ [key]: "" })), { [key]: "" });
  });

  it("is Patroni's password as it was given, or is refused", () => {
    let accepted = 0;
    fc.assert(
      fc.property(hostile, (password) => {
        const passwords = { superuser: password, replication: password, rewind: password };
        const text = rendered(
          () => renderPatroniYml({ ...patroniInput, passwords, dcs: raftSection({ ...raftInput, password }) }).content,
        );
        if (text === undefined) return;
        accepted += 1;
        const read = load(text) as {
          postgresql: { authentication: Record<string, { password: string }> };
          raft: { password: string };
        };
        for (const user of Object.values(read.postgresql.authentication)) assert.equal(user.password, password);
        assert.equal(read.raft.password, password);
      }),
      RUNS,
    );
    assert.ok(accepted > RUNS.numRuns / 10, `only ${accepted} passwords were accepted`);
  });

  it("is a parameter's value as it was given, or is refused", () => {
    fc.assert(
      fc.property(hostile, hostile, (name, value) => {
        const text = rendered(
          () =>
            renderPatroniYml({
              ...patroniInput,
              dynamic: { ...patroniInput.dynamic, parameters: { work_mem: value, [name]: 1 } },
            }).content,
        );
        if (text === undefined || name.toLowerCase() === "work_mem") return;
        const read = load(text) as { bootstrap: { dcs: { postgresql: { parameters: Record<string, unknown> } } } };
        assert.equal(read.bootstrap.dcs.postgresql.parameters["work_mem"], value);
      }),
      RUNS,
    );
  });

  it("adds no rule to pg_hba.conf", () => {
    const count = (load(renderPatroniYml(patroniInput).content) as { postgresql: { pg_hba: readonly string[] } })
      .postgresql.pg_hba.length;
    fc.assert(
      fc.property(hostile, fc.constantFrom("poolAddresses", "clientNetworks", "additionalHba"), (value, field) => {
        const text = rendered(
          () => renderPatroniYml({ ...patroniInput, [field]: [...patroniInput[field].slice(1), value] }).content,
        );
        if (text === undefined) return;
        const lines = (load(text) as { postgresql: { pg_hba: readonly string[] } }).postgresql.pg_hba;
        assert.ok(lines.length <= count);
        for (const line of lines) assert.doesNotMatch(line, /[\n\r\0]/);
        if (field !== "additionalHba")
          for (const line of lines.slice(0, -1))
            assert.match(line, /^(local|host) \S+ \S+( \S+)? (peer|reject|scram-sha-256)$/);
      }),
      RUNS,
    );
  });

  it("adds nothing to haproxy.cfg", () => {
    const harmless = renderHAProxyCfg({
      ...haproxyInput,
      members: [{ name: "standname", address: "stand.in" }],
    }).content;
    fc.assert(
      fc.property(hostile, fc.boolean(), (value, isName) => {
        const member = isName ? { name: value, address: "stand.in" } : { name: "standname", address: value };
        const text = rendered(() => renderHAProxyCfg({ ...haproxyInput, members: [member] }).content);
        if (text === undefined) return;
        if (isName) sameBut(text, harmless, "standname", value);
        else sameBut(text, harmless, "stand.in", value);
      }),
      RUNS,
    );
  });

  it("adds nothing to pgbouncer.ini", () => {
    const base = { ...pgbouncerInput, databases: ["standbase"], parameters: { query_wait_timeout: "standvalue" } };
    const harmless = renderPgBouncer(base).ini;
    fc.assert(
      fc.property(hostile, fc.boolean(), (value, isDatabase) => {
        const text = rendered(
          () =>
            renderPgBouncer(
              isDatabase ? { ...base, databases: [value] } : { ...base, parameters: { query_wait_timeout: value } },
            ).ini,
        );
        if (text === undefined) return;
        if (isDatabase) sameBut(text, harmless, "standbase", value);
        else sameBut(text, harmless, "standvalue", value);
      }),
      RUNS,
    );
  });

  it("is one user of the userlist as it was given, or is refused", () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostile, { maxLength: 5 }), (names) => {
        const text = rendered(() => renderUserlist(names.map((name) => ({ name, verifier: verifierOf("A") }))));
        if (text === undefined) return;
        const lines = text.split("\n").slice(0, -1);
        assert.equal(lines.length, names.length);
        const read = lines.map((line) => /^"((?:[^"]|"")*)" "([^"]*)"$/.exec(line));
        assert.deepEqual(new Set(read.map((line) => line?.[1]?.replaceAll('""', '"'))), new Set(names));
      }),
      RUNS,
    );
  });

  it("adds nothing to a unit", () => {
    // A digest of the rest, which differs with it.
    const dropIn = (mountPath: string): string => patroniDropIn({ mountPath }).content.replace(/PGHA_UNIT=\w+/, "");
    const harmless = dropIn("/stand");
    fc.assert(
      fc.property(hostile, (value) => {
        const text = rendered(() => dropIn(`/${value}`));
        if (text !== undefined) sameBut(text, harmless, "stand", value);
      }),
      RUNS,
    );
  });
});
