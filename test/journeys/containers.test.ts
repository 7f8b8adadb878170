import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { startLab } from "../lab/lab.ts";
import { openClients } from "./support/clients.ts";
import {
  clientInside,
  importWords,
  insideProcesses,
  leaderInside,
  madeImages,
  sqlInside,
  withoutContrib,
} from "./support/inside.ts";
import { loginOf } from "./support/psql.ts";
import { becomesReady } from "./support/ready.ts";
import { BASE, haveBase, startRegistry } from "./support/registry.ts";
import { leaksOn } from "./support/secrecy.ts";
import { clusterOf, MEMBERS, openSite, PROXIES } from "./support/site.ts";
import type { Site } from "./support/site.ts";

/** A container of somebody's, from an image of his own, with a Docker that he brought. */
const SOMEBODYS = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
apt-get install -q -y --no-install-recommends docker.io docker-cli >/dev/null
tar -chf - /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o '/[^ ]*') 2>/dev/null | docker import - somebody/redis >/dev/null
docker run -d --name redis --network host --restart unless-stopped somebody/redis /usr/bin/sleep infinity >/dev/null`;

const DISTANCE = "SELECT pg_is_in_recovery(), round(('[1,2,3]'::vector <-> '[4,5,6]')::numeric, 3);";

describe("a stack in containers, from bare hosts", () => {
  let site: Site;
  let others: string;
  before(async () => {
    const folder = await madeImages();
    site = await openSite(await startLab(), {
      importWords: importWords(folder),
      edit: (manifests) => {
        withoutContrib(manifests);
        const { spec } = clusterOf(manifests);
        Object.assign(spec["patroni"] as object, { synchronousMode: "enabled" });
        Object.assign(spec, { container: { image: { build: { base: BASE } } } });
      },
    });
    await haveBase(site.lab, MEMBERS[0], folder);
    const { exitCode, stderr } = await site.lab.exec("proxy-02", SOMEBODYS);
    assert.equal(exitCode, 0, stderr);
    others = await startOfOthers();
  });
  after(async () => site.close());

  const startOfOthers = async (): Promise<string> =>
    (await site.lab.exec("proxy-02", "docker inspect --format '{{.State.StartedAt}} {{.State.Pid}}' redis")).stdout;
  const everyProcess = async (): Promise<readonly string[]> =>
    Promise.all([...MEMBERS, ...PROXIES].map(async (host) => insideProcesses(site, host)));
  const imageOn = async (host: string): Promise<string> =>
    (await site.lab.exec(host, "docker inspect --format '{{.Image}}' pgha-patroni")).stdout.trim();
  const run = async (host: string, script: string): Promise<void> => {
    const { exitCode, stderr } = await site.lab.exec(host, script);
    assert.equal(exitCode, 0, stderr);
  };

  it("an image that cannot be built is told of in the builder's last words, and nothing is started", async () => {
    const versions = { patroni: "0.0-1" };
    await site.edit((manifests) => Object.assign(clusterOf(manifests).spec, { packages: { versions } }));
    const { stdout, stderr } = await site.demand(1, "apply", "--yes", "--no-diff");
    assert.match(`${stdout}${stderr}`, /Version '0\.0-1' for 'patroni' was not found/);
    const [, log = ""] = /The whole of it: (\/var\/log\/pgha\/build-\w+\.log)/.exec(`${stdout}${stderr}`) ?? [];
    await run(MEMBERS[0], `grep -q "Version '0.0-1' for 'patroni' was not found" ${log}; ! docker ps -q | grep .`);
    await site.edit((manifests) => delete clusterOf(manifests).spec["packages"]);
  });

  it("one apply brings all of it about, and a second one has nothing to do and starts nothing anew", async () => {
    await site.demand(0, "apply", "--yes");
    const before = await everyProcess();
    assert.equal(before.flatMap((pids) => pids.split("\n")).length, 3 * 2 + 2 * 2, before.join("; "));
    await site.demand(0, "plan");
    await site.demand(0, "apply", "--yes");
    assert.deepEqual(await everyProcess(), before);
    const { exitCode } = await site.lab.exec("db-master-01", "dpkg-query -W patroni postgresql-common >/dev/null 2>&1");
    assert.notEqual(exitCode, 0, "nothing of it is installed on hosts");
  });

  it("vector computes a distance on the leader, on a replica, and through the pooler", async () => {
    const leader = await leaderInside(site);
    for (const host of MEMBERS)
      assert.equal(await sqlInside(site, host, DISTANCE, "keybuzz"), host === leader ? "f|5.196" : "t|5.196", host);
    for (const proxy of PROXIES) {
      const login = await loginOf(site, "keybuzz", { host: site.lab.host(proxy).address });
      assert.equal(await clientInside(site, proxy, login, DISTANCE), "f|5.196");
      assert.equal(await clientInside(site, proxy, { ...login, port: 5433 }, DISTANCE), "t|5.196");
    }
  });

  it("patronictl as people type it on a member lists all of them", async () => {
    const { stdout, stderr } = await site.lab.exec("db-slave-01", "patronictl list -f json");
    const members = JSON.parse(stdout === "" ? stderr : stdout) as { Member: string; State: string }[];
    const well = members.filter(({ State }) => /running|streaming/.test(State)).map(({ Member }) => Member);
    assert.deepEqual(new Set(well), new Set(MEMBERS));
  });

  it("who leads is taken away with its container under clients, and nothing that was acknowledged is lost", async (test) => {
    const leader = await leaderInside(site);
    const clients = await openClients(site, PROXIES);
    await run(leader, "docker rm -f pgha-patroni");
    const { acknowledged } = clients;
    await until("clients go on", () => clients.acknowledged > acknowledged + 50, 120_000);
    const { lost, twice, transactions, longestMs } = await clients.stop();
    test.diagnostic(`${transactions.length} transactions, longest ${(longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual([lost, twice], [0, 0]);
    await becomesReady(site, "after its container was taken away");
  });

  it("PostgreSQL goes on when Docker, or the script of its unit, is killed, and what it says is heard again", async () => {
    const [host] = MEMBERS;
    const before = await insideProcesses(site, host);
    for (const unit of ["docker", "patroni"]) {
      await run(host, `kill -KILL "$(systemctl show -P MainPID ${unit})"`);
      await until(`${unit} is back`, async () => {
        const asked = `systemctl is-active ${unit} && docker version >/dev/null && test -r /run/pgha/inside/patroni.service`;
        return (await site.lab.exec(host, asked)).exitCode === 0;
      });
    }
    await sqlInside(site, host, "DO $$ BEGIN RAISE LOG 'heard again'; END $$");
    await until("it is in the journal", async () => {
      const said = await site.lab.exec(host, "journalctl -q -u patroni -n 20 -o cat | grep -c 'LOG:  heard again'");
      return said.exitCode === 0;
    });
    assert.equal(await insideProcesses(site, host), before);
    await becomesReady(site, "after Docker and the script were killed");
    await site.demand(0, "plan");
  });

  it("a replica and a proxy come back by themselves from a reboot", async () => {
    const leader = await leaderInside(site);
    const replica = MEMBERS.find((host) => host !== leader) ?? assert.fail();
    await site.lab.reboot(replica, "proxy-01");
    await becomesReady(site, "after the reboots");
  });

  it("another member leads when who leads loses its power, and nothing that was acknowledged is lost", async (test) => {
    const leader = await leaderInside(site);
    const clients = await openClients(site, PROXIES);
    await site.lab.crash(leader);
    const { acknowledged } = clients;
    await until("clients go on", () => clients.acknowledged > acknowledged + 50, 120_000);
    assert.notEqual(await leaderInside(site), leader);
    await site.lab.boot(leader);
    await becomesReady(site, "after the power cut");
    const { lost, twice, transactions, longestMs } = await clients.stop();
    test.diagnostic(`${transactions.length} transactions, longest ${(longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual([lost, twice], [0, 0]);
    await site.demand(0, "plan");
  });

  it("the same image from a registry restarts nobody, and another is pulled and taken by one apply", async (test) => {
    const registry = await startRegistry(site, "proxy-02");
    const built = await imageOn(MEMBERS[0]);
    const other = `docker build -q -t site/other - <<<$'FROM ${built}\nLABEL of=site' >/dev/null`;
    await run(MEMBERS[0], other);
    const ask = async (reference: string): Promise<void> =>
      site.edit((manifests) => {
        const image = { reference, pullSecretRef: { name: "registry" } };
        Object.assign(clusterOf(manifests).spec, { container: { image } });
      });
    const before = await everyProcess();
    await ask(await registry.push(MEMBERS[0], built, "members:one"));
    await site.demand(0, "apply", "--yes");
    assert.deepEqual(await everyProcess(), before);

    await ask(await registry.push(MEMBERS[0], "site/other", "members:two"));
    const { stdout } = await site.demand(2, "plan");
    assert.match(stdout, /! restart Patroni and PostgreSQL/);
    const clients = await openClients(site, PROXIES);
    const started = performance.now();
    await site.demand(0, "apply", "--yes", "--no-diff");
    test.diagnostic(`pulled and taken in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    const { lost, twice, transactions, longestMs } = await clients.stop();
    test.diagnostic(`${transactions.length} transactions, longest ${(longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual([lost, twice], [0, 0]);
    const images = await Promise.all(MEMBERS.map(imageOn));
    assert.ok(images[0] !== built && new Set(images).size === 1, images.join(" "));
    for (const host of MEMBERS) assert.deepEqual(await leaksOn(site, host, [registry.password]), [], host);
    await site.demand(0, "plan");
  });

  it("somebody's own container beside them was never started anew", async () => {
    assert.equal(await startOfOthers(), others);
  });
});
