import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { StatusDocument } from "../../src/status/format-json.ts";
import { until } from "../kube/until.ts";
import { TYPED_COMMANDS } from "../typed/commands.ts";
import type { TypedCommand } from "../typed/commands.ts";
import { moveThePort } from "./support/former-poolers.ts";
import { demandLocalSql, leaderOf } from "./support/psql.ts";
import { becomesReady } from "./support/ready.ts";
import { clusterOf, MEMBERS, openAppliedSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { typeHere, typeOn } from "./support/typed.ts";
import { OUR_UNITS, tracesOf, unitTimes } from "./support/traces.ts";
import { removeFolder } from "../temporary/remove-folder.ts";

describe("a second apply", () => {
  let site: Site;
  before(async () => {
    site = await openAppliedSite();
  });
  after(async () => site.close());

  const traces = () => tracesOf(site.lab);
  const processes = async (host: string): Promise<readonly (readonly string[])[]> =>
    (await unitTimes(site.lab, host, OUR_UNITS)).map((unit) =>
      unit.split("\n").filter((line) => /^(Id|MainPID|NRestarts)=/.test(line)),
    );

  it("F09 F48: finds nothing to do, and no file, process or unit is touched by it", async () => {
    const before = await traces();
    const files = before.map((host) => host.files.length);
    assert.ok(
      files.every((count) => count >= 8),
      `files that pgha wrote: ${files.join(" ")}`,
    );
    const plan = await site.demand(0, "plan");
    assert.match(plan.stdout, /[Nn]othing to do/);
    const apply = await site.demand(0, "apply", "--log", "json");
    assert.doesNotMatch(apply.stderr, /"event":"(wave-started|step-)/);
    const manifest = await readFile(site.manifestPath, "utf8");
    await site.edit((manifests) => {
      const { spec } = clusterOf(manifests);
      Object.assign(spec["postgresql"] as object, { version: 16, port: 5434 });
    });
    const refused = await site.demand(1, "apply", "--yes");
    for (const field of ["version", "port"])
      assert.match(refused.stderr, new RegExp(`spec\\.postgresql\\.${field}: postgresql\\.${field} can't be changed`));
    await writeFile(site.manifestPath, manifest);
    assert.deepEqual(await traces(), before);
  });

  // What was touched may have been read otherwise meanwhile: no time that a person can set tells (ADR 25).
  it("F35 F61: a file somebody opened to all is closed again, and read anew by who runs", async () => {
    const before = await processes("proxy-01");
    await site.lab.exec("proxy-01", "chmod 0644 /etc/pgha/pgbouncer/userlist.txt");
    const plan = await site.demand(2, "plan", "-o", "json");
    assert.deepEqual(
      (JSON.parse(plan.stdout) as { steps: { id: string }[] }).steps.map(({ id }) => id),
      ["file /etc/pgha/pgbouncer/userlist.txt", "reload pgha-pgbouncer.service"].map(
        (step) => `proxy-01/PgBouncerPool/keybuzz-pg-pgbouncer/${step}`,
      ),
    );
    await site.demand(0, "apply", "--yes");
    assert.equal((await site.lab.exec("proxy-01", "stat -c %a /etc/pgha/pgbouncer/userlist.txt")).stdout, "600\n");
    assert.deepEqual(await processes("proxy-01"), before);
  });

  it("what the installed PgBouncer does not start with goes live nowhere, and is told in its own words", async () => {
    // Folders tell that something was there for a moment.
    const lasting = async () =>
      (await traces()).map((trace) => ({ ...trace, files: trace.files.filter((file) => !file.includes(" d ")) }));
    const before = await lasting();
    const parameters = (value: Readonly<Record<string, unknown>>) =>
      site.edit((manifests) => {
        for (const { kind, spec } of manifests) if (kind === "PgBouncerPool") spec["parameters"] = value;
      });
    // Right by itself, and wrong without a key: only the program knows.
    await parameters({ client_tls_sslmode: "require" });
    const { stdout, stderr } = await site.demand(1, "apply", "--yes");
    assert.match(stdout + stderr, /client_tls_key_file and client_tls_cert_file must be set/);
    assert.deepEqual(await lasting(), before);
    await parameters({ query_wait_timeout: 100 });
    await site.demand(0, "apply", "--yes");
    await parameters({});
    await site.demand(0, "apply", "--yes");
  });

  it(
    "a password and rules of access that were changed behind our back are seen on every member, and " + "put back",
    async () => {
      await demandLocalSql(site, await leaderOf(site), "ALTER ROLE n8n PASSWORD 'something else, by hand'");
      const status = await site.demand(2, "status", "-o", "json");
      const pooler = (JSON.parse(status.stdout) as StatusDocument).items.find(({ kind }) => kind === "PgBouncerPool");
      const { Ready: ready, Available: available } = Object.fromEntries(
        (pooler?.status.conditions ?? []).map((condition) => [condition.type, condition]),
      );
      assert.deepEqual([available?.status, ready?.status, ready?.reason], ["True", "False", "LoginFails"]);
      assert.match(ready?.message ?? "", /n8n to be known to PostgreSQL with the password of its Secret/);
      // Only now, since with it any password is right.
      const file = "/opt/keybuzz/postgres/data/pgdata/pg_hba.conf";
      for (const member of MEMBERS) {
        await site.lab.exec(member, `sed -i '1i host all all 0.0.0.0/0 trust' ${file}`);
        await demandLocalSql(site, member, "SELECT pg_reload_conf()");
      }
      const plan = await site.demand(2, "plan", "-o", "json");
      const { steps } = JSON.parse(plan.stdout) as { steps: { host: string; because: string }[] };
      assert.deepEqual(
        steps.filter(({ because }) => because.endsWith("host all all 0.0.0.0 0.0.0.0 trust")).map(({ host }) => host),
        MEMBERS,
      );
      await site.demand(0, "apply", "--yes");
      for (const member of MEMBERS)
        assert.equal(
          await demandLocalSql(
            site,
            member,
            "SELECT count(*) FROM pg_hba_file_rules, pg_stat_file(current_setting('hba_file')) WHERE " +
              "auth_method = 'trust' OR error IS NOT NULL OR modification > pg_conf_load_time()",
          ),
          "0",
        );
    },
  );

  it("a member taken off the list is named and dropped from nothing, and leaves as it is printed", async () => {
    const manifest = await readFile(site.manifestPath, "utf8");
    const leader = await leaderOf(site);
    const gone = MEMBERS.find((member) => member !== leader) ?? "";
    await site.edit((manifests) => {
      const { spec } = clusterOf(manifests);
      Object.assign(spec, { hosts: spec.hosts.filter(({ name }) => name === leader), allowSingleMember: true });
    });
    const before = await traces();
    const blocker = async () => {
      const { stdout } = await site.demand(1, "plan", "-o", "json");
      const { blockers } = JSON.parse(stdout) as { blockers: { reason: string; why: string; wayOut: string }[] };
      return blockers.find(({ reason }) => reason === "MemberUndeclared");
    };
    assert.match((await blocker())?.why ?? "", /votes.*RAFT counts 3 voters, all of them connected; .*so 1 may/);
    await site.demand(1, "apply", "--yes");
    assert.deepEqual(await traces(), before);
    await site.lab.poweroff(gone);
    await until(
      "RAFT misses it",
      async () => /keeps its vote.*3 voters, 2 of them connected; .*so none may/.test((await blocker())?.why ?? ""),
      60_000,
    );
    assert.match((await site.demand(1, "forget", gone)).stderr, /keeps its vote/);
    const printed = (await blocker())?.wayOut.split("\n") ?? [];
    const [, host = "", command = ""] =
      /^On (\S+): (for i in.*)$/.exec(
        printed.find((line) => line.includes(`${site.lab.host(gone).address}:7000`)) ?? "",
      ) ?? [];
    assert.match((await site.lab.exec(host, command)).stdout, /SUCCESS/);
    await site.demand(0, "forget", gone);
    await writeFile(site.manifestPath, manifest);
    await site.lab.boot(gone);
    await becomesReady(site, "back on the list, it joins again");
    assert.match((await site.demand(0, "status")).stdout, /3 of 3 voters, 1 may fail/);
  });

  it(
    "what somebody switched off by hand is said while all looks green, and what is printed switches it " + "on again",
    async () => {
      const console =
        "setpriv --reuid postgres --regid postgres --init-groups -- psql -h /run/pgha-pgbouncer -p 6432 -U " +
        "pgbouncer pgbouncer";
      const leader = await leaderOf(site);
      const replica = MEMBERS.find((member) => member !== leader) ?? "";
      const switched = await Promise.all([
        site.lab.exec(leader, "patronictl -c /etc/patroni/config.yml pause --wait"),
        site.lab.exec(
          "proxy-01",
          "echo 'set server postgres_write/db-slave-02 state maint' | perl -MIO::Socket::UNIX -e '$s = " +
            "IO::Socket::UNIX->new(shift) or die; print $s <STDIN>' /run/pgha-haproxy/admin.sock",
        ),
        site.lab.exec("proxy-02", `${console} -c 'PAUSE n8n'`),
      ]);
      assert.deepEqual(
        switched.map(({ exitCode }) => exitCode),
        [0, 0, 0],
        JSON.stringify(switched),
      );
      assert.match((await site.demand(2, "status")).stdout, /Patroni paused: no failover/);
      const plan = JSON.parse((await site.demand(1, "plan", "-o", "json")).stdout) as {
        readonly blockers: readonly { readonly reason: string; readonly host?: string; readonly wayOut: string }[];
      };
      assert.deepEqual(
        plan.blockers.map(({ reason, host }) => [reason, host]),
        [
          ["PatroniPaused", undefined],
          ["ProxyHeld", "proxy-01"],
          ["PoolerHeld", "proxy-02"],
        ],
      );
      for (const { host, wayOut } of plan.blockers)
        assert.equal(
          (await site.lab.exec(host ?? replica, wayOut.split("as root: ")[1] ?? "false")).exitCode,
          0,
          wayOut,
        );
      await becomesReady(site, "after it was switched on again");
    },
  );

  it("every command that messages and docs tell people to type works as it is printed", async () => {
    const leader = await leaderOf(site);
    const replica = MEMBERS.find((member) => member !== leader) ?? "";
    const filledIn = (form: string, host: string, values: readonly string[] = []): string =>
      Object.entries({
        NAME: form.startsWith("getent") ? "localhost" : "keybuzz-pg",
        SCOPE: "keybuzz-pg",
        MEMBER: form.startsWith("curl") ? site.lab.host(leader).address : replica,
        FILE: "pgha.yaml",
        HOST: host,
        MOUNT: "/opt/keybuzz/postgres/data",
        PGDATA: "/opt/keybuzz/postgres/data/pgdata",
        VERSION: "17",
        USER: "ops",
        ADDRESS: "127.0.0.1",
      }).reduce(
        (text, [name, value]) => text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), () => value),
        values.reduce((text, value) => text.replace("VALUE", () => value), form),
      );
    const typed = async ({ form, run }: TypedCommand): Promise<string | undefined> => {
      if (run.where === "not run") return undefined;
      const host = run.where === "proxy" ? "proxy-01" : replica;
      const command = filledIn("typed" in run ? run.typed : form, host, "values" in run ? run.values : []);
      const { exitCode, printed } =
        run.where === "here"
          ? await typeHere(site.folder, command)
          : await typeOn(site.lab, host, command, { answers: run.answers });
      return exitCode === (run.exits ?? 0) && run.prints.test(printed)
        ? undefined
        : `${host}: ${command}\nended with ${exitCode}: ${printed.slice(-1500)}`;
    };
    const wrong: (string | undefined)[] = [];
    for (const command of TYPED_COMMANDS) wrong.push(await typed(command));
    assert.deepEqual(
      wrong.filter((text) => text !== undefined),
      [],
    );
    const { printed } = await typeOn(site.lab, leader, "sudo patronictl list", { user: "ops" });
    assert.match(printed, new RegExp(`${leader} .* Leader`));
    assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
  });

  it("another port of PgBouncer: who knows the one before is served there, and nothing fails", async (test) =>
    moveThePort(site, (words) => test.diagnostic(words)));

  it(
    "N22: pgha that has the Secrets, but no record of ever having seen the cluster, changes " + "nothing either",
    async () => {
      const before = await traces();
      removeFolder(join(site.stateFolder, "status"));
      await site.demand(0, "apply", "--yes");
      assert.deepEqual(await traces(), before);
    },
  );

  it(
    "another RAFT password is refused while Patroni runs, untouched; with all members stopped it is taken, " +
      "and the data is there",
    async () => {
      const leader = await leaderOf(site);
      await demandLocalSql(site, leader, "CREATE TABLE kept AS SELECT 1 AS x");
      const before = await traces();
      await site.rewriteSecret("keybuzz-pg-raft", { password: "another-Raft-pass-0123456789" });
      for (const command of [["plan"], ["apply", "--yes"]]) {
        const { stdout, stderr } = await site.demand(1, ...command);
        assert.match(stdout + stderr, /StartSettingsChanged/);
        assert.doesNotMatch(stdout + stderr, /another-Raft-pass/);
      }
      assert.deepEqual(await traces(), before);
      for (const host of [...MEMBERS.filter((member) => member !== leader), leader])
        await site.lab.exec(host, "systemctl stop patroni");
      await site.demand(0, "apply", "--yes");
      assert.equal(await demandLocalSql(site, await leaderOf(site), "SELECT x FROM kept"), "1");
      assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
    },
  );
});
