import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { openClients } from "./support/clients.ts";
import { leaderInside, madeImages } from "./support/inside.ts";
import { startPackagedLab } from "./support/packaged-lab.ts";
import { demandLocalSql, leaderOf } from "./support/psql.ts";
import { becomesReady } from "./support/ready.ts";
import { clusterOf, MEMBERS, openSite, PROXIES } from "./support/site.ts";
import type { Site } from "./support/site.ts";

const PGDATA = "/opt/keybuzz/postgres/data/pgdata";

interface PlanOutput {
  readonly steps: readonly { readonly change: string; readonly host: string | null; readonly description: string }[];
  readonly blockers: readonly { readonly host?: string; readonly reason: string; readonly why: string }[];
}

describe("members that move into containers and back, under clients", () => {
  let site: Site;
  let images: string;
  let first: string;
  let clients: Awaited<ReturnType<typeof openClients>>;
  before(async () => {
    images = await madeImages();
    site = await openSite(await startPackagedLab(), {
      edit: (manifests) => {
        Object.assign(clusterOf(manifests).spec["patroni"] as object, { synchronousMode: "enabled" });
      },
    });
    await site.demand(0, "apply", "--yes");
    first = await copies();
    clients = await openClients(site, PROXIES);
  });
  after(async () => site.close());

  const run = async (host: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await site.lab.exec(host, script);
    assert.equal(exitCode, 0, `${host}: ${script}\n${stderr}`);
    return stdout.trim();
  };
  const onEach = async (script: string): Promise<readonly string[]> =>
    Promise.all(MEMBERS.map(async (host) => run(host, script)));
  /** Which data each member has: whoever copies them anew makes another file. */
  const copies = async (): Promise<string> => (await onEach(`stat -c %i ${PGDATA}/PG_VERSION`)).join(" ");
  const processes = async (): Promise<readonly string[]> => onEach(`head -n 1 ${PGDATA}/postmaster.pid`);
  const planned = async (): Promise<PlanOutput> =>
    JSON.parse((await site.pgha("plan", "-o", "json")).stdout) as PlanOutput;
  const movesIn = ({ steps }: PlanOutput): readonly string[] =>
    steps.flatMap(({ change, host }) =>
      ["move-member", "switch-over"].includes(change) ? [`${change} ${host ?? ""}`] : [],
    );
  const nothingIsLeft = async (): Promise<void> => {
    await site.demand(0, "plan");
    const before = await processes();
    await site.demand(0, "apply", "--yes");
    assert.deepEqual(await processes(), before);
    assert.equal(await copies(), first);
  };

  it("nobody moves to where text is in another order: it is said by name, and no process is another one", async () => {
    await onEach(`v=$(ldd --version | head -n 1)
printf '#!/bin/sh\\n[ "$1" = --version ] && echo "%s" || echo "libicui18n.so.72 => /nonexistent"\\n' "$v" >/run/ldd
chmod 755 /run/ldd && mount --bind /run/ldd /usr/bin/ldd`);
    const leader = await leaderOf(site);
    await demandLocalSql(
      site,
      leader,
      `CREATE TABLE names (name text COLLATE "en-x-icu" PRIMARY KEY); INSERT INTO names VALUES ('Ab'), ('a-c'), ('aa')`,
      "keybuzz",
    );
    await site.edit((manifests) => {
      const container = { image: { archive: join(images, "debian.tar") } };
      Object.assign(clusterOf(manifests).spec, { runtime: "container", container });
    });
    const before = await processes();
    await site.pgha("apply", "--yes");
    assert.deepEqual(await processes(), before);
    const plan = await planned();
    assert.deepEqual(
      plan.blockers.map(({ reason, host }) => `${reason} ${host}`),
      MEMBERS.map((host) => `CollationChanges ${host}`),
    );
    assert.match(
      plan.blockers[0]?.why ?? "",
      /ICU 72, and a container .* has ICU \d+\. .*: the index names_pkey of keybuzz \(icu en-x-icu/,
    );
    assert.deepEqual(movesIn(plan), []);
    await onEach("umount /usr/bin/ldd");
  });

  it("they move one after the other, who leads last, and go on after pgha was killed and a host lost its power", async () => {
    const leader = await leaderOf(site);
    const [one = "", other = ""] = MEMBERS.filter((host) => host !== leader);
    // On a busy host it takes its time to say what orders text there.
    const plan = await until(
      "moves are planned",
      async () => {
        const found = await planned();
        return movesIn(found).length > 0 ? found : undefined;
      },
      240_000,
    );
    assert.deepEqual(movesIn(plan), [
      `move-member ${one}`,
      `move-member ${other}`,
      `switch-over ${leader}`,
      `move-member ${leader}`,
    ]);
    assert.match(
      plan.steps.find(({ change }) => change === "move-member")?.description ?? "",
      /\(replica\) from the host/,
    );
    await site.applyKilled(
      ({ event, change, host }) => event === "step-started" && change === "move-member" && host === one,
    );
    const applying = site.pgha("apply", "--yes");
    await until(
      "it is under way",
      async () => {
        const there = "test ! -e /etc/systemd/system/patroni.service.d/pgha.conf && ! systemctl is-active -q patroni";
        return (await site.lab.exec(other, there)).exitCode === 0;
      },
      240_000,
    );
    await site.lab.crash(other);
    await Promise.all([applying, site.lab.boot(other)]);
    // What its Docker does not say yet at the first look was not approved with the plan, and takes another apply.
    await until("all have moved", async () => (await site.pgha("apply", "--yes")).exitCode === 0, 240_000);
    await becomesReady(site, "after all have moved");
    await nothingIsLeft();
    const image = (await readFile(join(images, "debian.id"), "utf8")).trim();
    const inside = await onEach(
      `cut -d ' ' -f 2- /run/pgha/inside/patroni.service; stat -c %u ${PGDATA} ${PGDATA}/base`,
    );
    assert.deepEqual(
      inside,
      MEMBERS.map(() => `999 999 ${image}\n999\n999`),
    );
    assert.notEqual(await leaderInside(site), leader);
  });

  it("they move back, and are what they were: one supervisor, one unit, their own user's data", async (test) => {
    await site.edit((manifests) => {
      const { spec } = clusterOf(manifests);
      delete spec["container"];
      delete spec["runtime"];
    });
    await site.demand(0, "apply", "--yes");
    await becomesReady(site, "after all have moved back");
    await nothingIsLeft();
    const on = await onEach(`docker ps -aq --filter name=pgha-patroni; stat -c %U ${PGDATA} ${PGDATA}/base
systemctl show -P FragmentPath patroni; ls /etc/systemd/system/patroni.service 2>&1 | grep -c cannot
find ${PGDATA} ! -user postgres | wc -l`);
    assert.deepEqual(
      on,
      MEMBERS.map(() => "postgres\npostgres\n/usr/lib/systemd/system/patroni.service\n1\n0"),
    );
    const leader = await leaderOf(site);
    await site.lab.reboot(MEMBERS.find((host) => host !== leader) ?? leader);
    await becomesReady(site, "after a reboot");
    assert.equal(
      await demandLocalSql(site, leader, "SELECT string_agg(name, ' ' ORDER BY name) FROM names", "keybuzz"),
      "a-c aa Ab",
    );
    const { lost, twice, transactions, longestMs } = await clients.stop();
    test.diagnostic(`${transactions.length} transactions, longest ${(longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual([lost, twice], [0, 0]);
  });
});
