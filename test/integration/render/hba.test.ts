import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { readHbaLine } from "../../../src/api/hba/line.ts";
import { keyOfLine, keyOfRule } from "../../../src/api/hba/rule.ts";
import { HBA_LINES, HBA_REGEX_LINES, HBA_TLS_LINES } from "../../fixtures/hba-lines.ts";
import { hbaScript, readHbaRules } from "../../../src/facts/hba-rules.ts";
import { until } from "../../kube/until.ts";
import { serverPrograms, startPostgres } from "./temporary-postgres.ts";
import type { TemporaryPostgres } from "./temporary-postgres.ts";

const programs = serverPrograms();

describe(
  "lines of pg_hba.conf, asked of a real PostgreSQL",
  { skip: programs === undefined ? "no PostgreSQL server on this machine" : false },
  () => {
    let server: TemporaryPostgres;
    let version = 0;
    before(() => {
      server = startPostgres(programs ?? "");
      version = Math.floor(Number(server.psql("SHOW server_version_num").trim()) / 10_000);
    });
    after(() => server.stop());

    /** What PostgreSQL reads in a file of its own: `hba_file` names it, and is asked without being loaded. */
    const write = (lines: readonly string[]) => {
      const file = server.psql("SHOW hba_file").trim();
      const { uid, gid } = statSync(file);
      writeFileSync(file, `${lines.join("\n")}\n`);
      chownSync(file, uid, gid);
      return file;
    };
    const look = () =>
      readHbaRules(
        (JSON.parse(server.psql(`\\set ON_ERROR_STOP off\n${hbaScript}`)) as Readonly<Record<string, unknown>>)["hba"],
      );
    const ask = (lines: readonly string[]) => {
      write(lines);
      return look()?.rules ?? [];
    };

    it("are taken and refused here as there, and mean the same", () => {
      const lines = [...HBA_LINES, ...(version >= 16 ? HBA_REGEX_LINES : [])];
      const rules = ask(lines);
      const told = lines.map((line, index) => {
        const rule = rules.find((candidate) => candidate.line === index + 1);
        return [line, rule === undefined || rule.error !== "" ? "refused" : keyOfRule(rule)] as const;
      });
      const own = lines.map((line) => {
        const read = readHbaLine(line, version);
        return [line, "fault" in read ? "refused" : keyOfLine(read.line)] as const;
      });
      assert.deepEqual(own, told);
    });

    it("of TLS are read as well while TLS is off, and PostgreSQL says that they cannot match", () => {
      const rules = ask(HBA_TLS_LINES);
      for (const [index, line] of HBA_TLS_LINES.entries()) {
        const error = rules.find((candidate) => candidate.line === index + 1)?.error ?? "";
        const read = readHbaLine(line, version);
        assert.equal("fault" in read, !error.includes("SSL is disabled"), `${line}: ${error}`);
      }
    });

    it("that PostgreSQL does not take are known again by their digest, and hold no password of theirs", () => {
      const line = "host all all 10.0.0.0/33 ldap ldapserver=x ldapprefix=y ldapbindpasswd=s3cret";
      const [rule] = ask([line]);
      assert.deepEqual([rule?.type, rule?.digest], ["", createHash("sha256").update(line).digest("hex")]);
      assert.doesNotMatch(JSON.stringify(rule), /s3cret/);
    });

    it("by which the file takes in others are told, whether these hold rules or nothing at all", () => {
      const file = server.psql("SHOW hba_file").trim();
      const other = `${file}.other`;
      writeFileSync(other, "");
      const names = [`include ${other}`, `include_if_exists ${other}.none`, `  include_dir "${file}.d"`];
      const lines = [
        "local all all trust # @nobody include x",
        ...(version >= 16 ? names : []),
        `local @${other} all trust`,
        `host all ada,@${other} 10.0.0.0/8 ldap ldapserver=x ldapprefix=y ldapbindpasswd=@s3cret`,
        'host all "@ada" all trust',
        'host all all all ldap ldapserver="x @y" ldapprefix=y ldapbindpasswd="a @b"',
        String.fromCodePoint(0x23, 0xe9),
      ];
      write(lines);
      const { taken } = look() ?? {};
      const expected = [...(version >= 16 ? names.map((name) => name.trim()) : []), `@${other}`, `@${other}`];
      assert.deepEqual(taken, expected);
      rmSync(other);
      write(["local all all trust"]);
      assert.deepEqual(look()?.taken, []);
    });

    it("are told to be loaded once they are, and a file that is gone is no silence", async () => {
      // A file's time is told in whole seconds: what is written within the second of the load counts as loaded.
      const later = "SELECT clock_timestamp() >= date_trunc('second', pg_conf_load_time()) + interval '1 second'";
      await until("the second of the load is over", () => Promise.resolve(server.psql(later).trim() === "t"), 5_000);
      const lines = ["local all all trust", "host all all 0.0.0.0/0 reject"];
      const file = write(lines);
      assert.equal(look()?.loaded, false);
      server.psql("SELECT pg_reload_conf()");
      await until("it is loaded", () => Promise.resolve(look()?.loaded === true), 10_000);
      rmSync(file);
      assert.match(look()?.unreadable ?? "", /pg_hba.conf/);
      assert.equal(look()?.file, file);
    });
  },
);
