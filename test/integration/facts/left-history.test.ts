import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dataDirectoryFact } from "../../../src/facts/data-directory.ts";
import type { DataDirectoryFact } from "../../../src/facts/types.ts";
import { brokenMembers } from "../../../src/plan/broken-members.ts";
import { factsOf } from "../../../src/plan/member-facts.ts";
import type { MemberFacts } from "../../../src/plan/member-facts.ts";
import { runHere } from "../../unit/facts/run-here.ts";
import { looks, running, WISH } from "../../unit/plan/member-facts.ts";
import { serverPrograms, startPostgres } from "../render/temporary-postgres.ts";
import type { TemporaryPostgres } from "../render/temporary-postgres.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const programs = serverPrograms() ?? "";
const version = Number(/\/(\d+)\/bin$/.exec(programs)?.[1]);

/** A leader that was promoted, who led before and went on, and a copy that stopped in time. */
describe("a real PostgreSQL that left its leader's history", () => {
  let former: TemporaryPostgres;
  const path = (name: string): string => join(former.directory, name);

  const as = (program: string, ...words: readonly string[]): void => {
    const user =
      process.getuid?.() === 0 ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : ["env"];
    execFileSync(user[0] ?? "", [...user.slice(1), join(programs, program), ...words], {
      cwd: former.directory,
      stdio: "ignore",
    });
  };
  const start = (name: string, options = ""): void => {
    // It answers nobody: one socket a directory.
    const all = `-k ${path(name)} -c listen_addresses= ${options}`;
    as("pg_ctl", "-D", path(name), "-w", "-l", path(`${name}.log`), "-o", all, "start");
  };
  const promote = (name: string): void => as("pg_ctl", "-D", path(name), "-w", "promote");
  const sql = (name: string, text: string): void =>
    as("psql", "-X", "-q", "-h", path(name), "-U", "postgres", "-c", text);
  const stop = (name: string): void => as("pg_ctl", "-D", path(name), "-w", "-m", "fast", "stop");
  const factOf = async (name: string): Promise<DataDirectoryFact> =>
    (await runHere(dataDirectoryFact({ path: path(name), version }))).answer;

  before(() => {
    former = startPostgres(programs);
    former.psql("CREATE TABLE t AS SELECT generate_series(1, 1000)");
    for (const name of ["heir", "behind"])
      as(
        "pg_basebackup",
        "-h",
        former.directory,
        "-U",
        "postgres",
        "-D",
        path(name),
        "-R",
        "-X",
        "stream",
        "-c",
        "fast",
      );
    for (const name of ["heir", "behind"]) start(name);
    stop("behind");
    former.psql("INSERT INTO t SELECT generate_series(1, 1000)");
    sql("heir", "DO $$ BEGIN WHILE (SELECT count(*) FROM t) < 2000 LOOP PERFORM pg_sleep(0.01); END LOOP; END $$");
    promote("heir");
    former.psql("INSERT INTO t SELECT generate_series(1, 100000); CHECKPOINT");
    sql("heir", "CHECKPOINT");
  });
  after(() => {
    stop("heir");
    former.stop();
  });

  it("is known from its control file and the leader's history, and one that stopped in time is not", async () => {
    const heir = await factOf("heir");
    assert.deepEqual([heir.end?.timeline, heir.history?.length, heir.history?.[0]?.timeline], [2, 1, 1]);
    const systemId = heir.systemId ?? "";
    const written = Number(
      execFileSync(
        join(programs, "psql"),
        ["-XAt", "-h", path("heir"), "-U", "postgres", "-c", "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"],
        { encoding: "utf8" },
      ),
    );
    const leader: MemberFacts = memberFacts("primary", heir, { timeline: 2, writtenBytes: written, systemId });
    const judge = (data: DataDirectoryFact) =>
      brokenMembers({ ...WISH, systemId }, factsOf(looks(leader, memberFacts("replica", data, { systemId }))), "db-1");

    const [found, ...more] = judge(await factOf("data"));
    assert.deepEqual([found?.name, found?.whyKept, more], ["db-2", undefined, []]);
    assert.match(found?.what ?? "", /^goes to 0\/[0-9A-F]+ on timeline 1, which db-1 left at 0\/[0-9A-F]+$/);
    assert.deepEqual(judge(await factOf("behind")), []);
    // Promoted where nobody hears of it: that timeline gets the number that the heir's has.
    execFileSync("cp", ["-a", path("behind"), path("rival")]);
    start("rival", "-c primary_conninfo=");
    promote("rival");
    stop("rival");
    const [rival] = judge(await factOf("rival"));
    assert.match(rival?.what ?? "", /^goes to \S+ on timeline 2, which that of db-1 began at \S+ only: it is another/);
    assert.match(rival?.whyKept ?? "", /may hold what nobody else does/);
    // A copy is told from what it was copied from.
    cpSync(path("behind"), path("copied"), { recursive: true });
    assert.notEqual((await factOf("copied")).copy, (await factOf("behind")).copy);
    removeFolder(path("copied"));
  });
});

function memberFacts(role: "primary" | "replica", dataDirectory: DataDirectoryFact, told: object): MemberFacts {
  const base = running(role);
  return {
    ...base,
    dataDirectory,
    patroni: { ...base.patroni, ...(base.patroni.member && { member: { ...base.patroni.member, ...told } }) },
  };
}
