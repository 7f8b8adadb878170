import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { createSecret } from "../../../src/credentials/secret-values.ts";
import type { LoginEndpoint } from "../../../src/credentials/wish.ts";
import { setVerifier } from "../../../src/render/sql.ts";
import { serverPrograms, startPostgres } from "../render/temporary-postgres.ts";
import type { TemporaryPostgres } from "../render/temporary-postgres.ts";
import { PORT, startPgBouncer } from "./temporary-pgbouncer.ts";
import type { TemporaryPgBouncer } from "./temporary-pgbouncer.ts";

const programs = serverPrograms();
const ROLE = "app";

describe("the uri of a Secret that names several hosts", { skip: programs === undefined, timeout: 120_000 }, () => {
  let [reads, writes]: TemporaryPostgres[] = [];
  let pooler: TemporaryPgBouncer | undefined;
  let silent: Server | undefined;
  const secret = createSecret({
    name: "pg-role-app",
    cluster: "pg",
    purpose: "role",
    title: "role app",
    username: ROLE,
    verifier: true,
    endpoint: { host: "127.0.0.2", port: PORT, dbname: "postgres", hosts: ["127.0.0.2", "127.0.0.1"] },
  });
  const reveal = (key: string, of = secret): string => of.data[key]?.reveal() ?? "";
  /** What a client says that is given the uri and nothing else. */
  const ask = (uri: string, sql: string): string => {
    const { stdout, stderr } = spawnSync("psql", ["-XAtqw", "-d", uri, "-c", sql], {
      encoding: "utf8",
      timeout: 30_000,
    });
    return `${stdout}${stderr}`.trim();
  };

  before(async () => {
    [reads, writes] = [startPostgres(programs ?? ""), startPostgres(programs ?? "")];
    for (const postgres of [reads, writes])
      postgres.psql(`CREATE ROLE ${ROLE} LOGIN;\n${setVerifier(ROLE, reveal("verifier"))}`);
    reads.psql("ALTER SYSTEM SET default_transaction_read_only = on;\nSELECT pg_reload_conf();");
    pooler = await startPgBouncer(writes.directory, { users: [{ name: ROLE, verifier: reveal("verifier") }] });
  });
  after(() => {
    silent?.close();
    pooler?.stop();
    reads?.stop();
    writes?.stop();
  });

  it("leads past a pooler that is gone", () => {
    assert.equal(ask(reveal("uri"), "SELECT current_user"), ROLE);
  });

  it("leads past one that takes the connection and says nothing, within seconds", async () => {
    silent = createServer(() => undefined).listen(PORT, "127.0.0.2");
    await once(silent, "listening");
    const started = performance.now();
    assert.equal(ask(reveal("uri"), "SELECT current_user"), ROLE);
    const seconds = (performance.now() - started) / 1_000;
    assert.ok(seconds > 4 && seconds < 15, `${seconds}`);
  });

  it("finds the one that takes writes, where it has to be looked for", () => {
    const hosts = [reads?.directory ?? "", writes?.directory ?? ""];
    const endpoint: LoginEndpoint = { host: hosts[0] ?? "", port: 5432, dbname: "postgres", hosts, only: "read-write" };
    const direct = createSecret({
      name: "s",
      cluster: "pg",
      purpose: "role",
      title: "",
      username: ROLE,
      verifier: true,
      endpoint,
    });
    assert.equal(ask(reveal("uri", direct), "SHOW default_transaction_read_only"), "off");
  });
});
