import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startLab } from "../lab/lab.ts";
import { OTHER_HAPROXIES, startOtherHaproxies } from "./support/other-haproxy.ts";
import { clientSql, demandLocalSql, leaderOf, loginOf } from "./support/psql.ts";
import { CommandLineWatch, leaksOn, secretValues } from "./support/secrecy.ts";
import { MEMBERS, openSite, PROXIES, ROLES } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import type { PghaResult } from "./support/pgha.ts";
import { unitTimes } from "./support/traces.ts";

const WRITE =
  "CREATE TABLE IF NOT EXISTS journey (id int); INSERT INTO journey VALUES (1); SELECT pg_is_in_recovery(), " +
  "count(*) > 0 FROM journey;";
const DISTANCE = "SELECT pg_is_in_recovery(), round(('[1,2,3]'::vector <-> '[4,5,6]')::numeric, 3);";

describe("five bare hosts, from inventory to clients", () => {
  let site: Site;
  let otherHaproxies: unknown;
  let commandLines: ReadonlySet<string>;
  const outputs: PghaResult[] = [];
  before(async () => {
    site = await openSite(await startLab());
    await startOtherHaproxies(site.lab, "proxy-01");
    otherHaproxies = await unitTimes(site.lab, "proxy-01", OTHER_HAPROXIES);
  });
  after(async () => site.close());

  it("a manifest made from the inventory is sound, and its plan touches nothing", async () => {
    await site.demand(0, "validate");
    const plan = await site.demand(2, "plan", "-o", "json");
    outputs.push(plan);
    const { summary, blockers } = JSON.parse(plan.stdout) as {
      summary: { hosts: number; blockers: number };
      blockers: unknown;
    };
    assert.deepEqual({ hosts: summary.hosts, blockers }, { hosts: 5, blockers: [] });
    assert.equal(
      (
        await site.lab.exec(
          "db-master-01",
          "ls -A /opt/keybuzz/postgres/data /etc/patroni /opt/pgha 2>/dev/null | grep -v :",
        )
      ).stdout.trim(),
      "",
    );
  });

  it("one apply brings all of it about", async () => {
    const watch = new CommandLineWatch();
    try {
      outputs.push(await site.demand(0, "apply", "--yes", "--diff", "--log", "json", "--timings"));
    } finally {
      commandLines = await watch.stop();
    }
  });

  it("status says Ready", async () => {
    const { stdout } = await site.demand(0, "status", "-o", "json");
    const { items } = JSON.parse(stdout) as {
      items: readonly { status: { conditions: readonly { type: string; status: string }[] } }[];
    };
    assert.deepEqual(
      items.map(({ status }) => status.conditions.find(({ type }) => type === "Ready")?.status),
      ["True", "True", "True"],
    );
  });

  it("F65 F40: every role logs in through every pooler, and what it writes lands on the leader", async () => {
    const leader = await leaderOf(site);
    for (const host of PROXIES) {
      for (const role of ROLES) {
        const { stdout, stderr } = await clientSql(
          site,
          "proxy-02",
          await loginOf(site, role, { host: site.lab.host(host).address }),
          WRITE,
        );
        assert.equal(stdout.trim(), "f|t", `${role} through ${host}: ${stderr}`);
        assert.ok(Number(await demandLocalSql(site, leader, "SELECT count(*) FROM journey", role)) >= 1);
      }
    }
  });

  it("F42: the read port of every HAProxy ends on a replica, which has what was written", async () => {
    for (const host of PROXIES) {
      const login = await loginOf(site, "keybuzz", { host: site.lab.host(host).address, port: 5433 });
      const { stdout, stderr } = await clientSql(
        site,
        "proxy-02",
        login,
        "SELECT pg_is_in_recovery(), count(*) > 0 FROM journey;",
      );
      assert.equal(stdout.trim(), "t|t", stderr);
    }
  });

  it("F65: a wrong password is refused by every pooler and by both ports of every HAProxy", async () => {
    for (const host of PROXIES) {
      for (const port of [6432, 5432, 5433]) {
        const login = await loginOf(site, "n8n", {
          host: site.lab.host(host).address,
          port,
          password: "not-the-password-of-n8n",
        });
        const { exitCode, stderr } = await clientSql(site, "proxy-01", login, "SELECT 1;");
        assert.equal(exitCode, 2, stderr);
        assert.match(stderr, /authentication failed/);
      }
    }
  });

  it("vector computes a distance on the leader and on a replica", async () => {
    const at = { host: site.lab.host("proxy-01").address };
    assert.equal(
      (await clientSql(site, "proxy-01", await loginOf(site, "keybuzz", at), DISTANCE)).stdout.trim(),
      "f|5.196",
    );
    assert.equal(
      (
        await clientSql(site, "proxy-01", await loginOf(site, "keybuzz", { ...at, port: 5433 }), DISTANCE)
      ).stdout.trim(),
      "t|5.196",
    );
  });

  it("F10 F62 F92: what holds secrets is readable by its owner alone", async () => {
    const modes = async (host: string, ...paths: readonly string[]): Promise<string> =>
      (await site.lab.exec(host, `stat -c '%a %U %n' ${paths.join(" ")}`)).stdout.trim();
    const volume = "/opt/keybuzz/postgres/data";
    for (const host of MEMBERS) {
      assert.equal(
        await modes(host, "/etc/patroni/config.yml", `${volume}/pgdata`, `${volume}/raft`),
        `600 postgres /etc/patroni/config.yml\n700 postgres ${volume}/pgdata\n700 postgres ${volume}/raft`,
      );
    }
    for (const host of PROXIES) {
      assert.equal(
        await modes(host, "/etc/pgha/pgbouncer/userlist.txt"),
        "600 postgres /etc/pgha/pgbouncer/userlist.txt",
      );
    }
    const local = async (path: string): Promise<string> =>
      ((await stat(join(site.stateFolder, path))).mode & 0o777).toString(8);
    assert.deepEqual(
      [await local("."), await local("secrets"), await local("secrets/keybuzz-pg-superuser.yaml")],
      ["700", "700", "600"],
    );
  });

  it(
    "F92: no password was in an argument, an output, a log, or in a file or journal that others " + "may read",
    async () => {
      const values = await secretValues(site);
      assert.ok(values.length >= 20, `${values.length} values`);
      const holding = (text: string): boolean => values.some((value) => text.includes(value));
      assert.ok(
        [...commandLines].some((line) => line.includes("apt-get")),
        "command lines on the hosts were seen",
      );
      assert.deepEqual([...commandLines].filter(holding), []);
      outputs.push(
        await site.demand(0, "plan", "-o", "json"),
        await site.demand(0, "status", "-o", "yaml"),
        await site.demand(0, "status", "--all"),
      );
      assert.deepEqual(
        outputs.filter(({ stdout, stderr }) => holding(stdout) || holding(stderr)),
        [],
      );
      const leaks = await Promise.all(site.lab.hosts.map(async ({ name }) => leaksOn(site, name, values)));
      assert.deepEqual(leaks.flat(), []);
      await site.lab.exec("proxy-01", "echo planted-value >/var/planted; logger planted-value");
      // The journal may also have seen the command line of who wrote to it.
      const planted = await leaksOn(site, "proxy-01", ["planted-value"]);
      for (const place of ["/var/planted", "MESSAGE=planted-value"])
        assert.ok(planted.includes(place), `a leak would have been found: ${planted.join(" ")}`);
    },
  );

  it("F38: the distribution's own PostgreSQL is masked, and ours comes back with the host", async () => {
    for (const host of MEMBERS) {
      assert.equal(
        (await site.lab.exec(host, "systemctl is-enabled postgresql.service patroni.service")).stdout,
        "masked\nenabled\n",
      );
      assert.equal(
        (await site.lab.exec(host, "ls -A /etc/postgresql /var/lib/postgresql/17 2>/dev/null | grep -v : | grep ."))
          .stdout,
        "",
        "no cluster of the distribution's",
      );
    }
  });

  it("F37 F53: somebody else's HAProxies on a proxy host were not touched", async () => {
    assert.deepEqual(await unitTimes(site.lab, "proxy-01", OTHER_HAPROXIES), otherHaproxies);
  });
});
