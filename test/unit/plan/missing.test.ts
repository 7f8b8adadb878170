import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { neededOf } from "../../../src/plan/needed.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { convergedWorld, planOf, takeAll } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

type Postgresql = ReturnType<typeof sampleStack>["clusters"][number]["spec"]["postgresql"];

const SERVER = "/usr/lib/postgresql/17/lib";
const SHARE = "/usr/share/postgresql/17";

function changed(change: Partial<Postgresql>, extensions: readonly string[] = []): ReturnType<typeof sampleStack> {
  const stack = structuredClone(sampleStack());
  const [cluster] = stack.clusters;
  assert.ok(cluster !== undefined);
  Object.assign(cluster.spec.postgresql, change);
  const [database] = cluster.spec.databases;
  if (database !== undefined) Object.assign(database, { extensions: [...database.extensions, ...extensions] });
  return stack;
}

async function found(model: ModelWorld) {
  const { plan } = await planOf(model);
  return {
    plan,
    blockers: plan.blockers.map(({ reason, host, scope }) => `${reason} ${host ?? ""} ${scope}`),
    wave: nextWave(plan).kind,
  };
}

describe("what a spec names and a member has not", () => {
  it("is told with host and package before anything is touched, on a new cluster and on one that runs", async () => {
    for (const [absent, change, extensions, reason, says] of [
      [`${SHARE}/extension/hypopg.control`, {}, ["hypopg"], "ExtensionUnavailable", /postgresql-17-hypopg/],
      [`${SERVER}/pg_cron.so`, { parameters: { shared_preload_libraries: "pg_cron" } }, [], "FileMissing", /17-cron/],
      [
        `${SERVER}/mine.so`,
        { parameters: { session_preload_libraries: "mine" } },
        [],
        "FileMissing",
        /apt-get install/,
      ],
      [
        `${SERVER}/plugins/mine.so`,
        { parameters: { local_preload_libraries: "mine" } },
        [],
        "FileMissing",
        /apt-get install/,
      ],
      ["/etc/ssl/db.pem", { parameters: { ssl: "on", ssl_cert_file: "/etc/ssl/db.pem" } }, [], "FileMissing", /Put it/],
      ["", { parameters: { lc_messages: "xx_YY.UTF-8" } }, [], "LocaleMissing", /locale-gen/],
    ] as const)
      for (const model of [
        new ModelWorld(changed(change, extensions)),
        (await convergedWorld()).copy(changed(change, extensions)),
      ]) {
        const host = model.host("db-slave-02");
        host.absent = [absent, absent.replace(/\.so$/, "")];
        for (const { name } of model.stack.clusters[0]?.spec.hosts ?? [])
          if (name !== host.name) model.host(name).charsets = { "xx_YY.UTF-8": "UTF-8" };
        const { blockers, wave, plan } = await found(model);
        assert.deepEqual([blockers, wave], [[`${reason} db-slave-02 everything`], "blocked"], absent);
        assert.match(plan.blockers[0]?.wayOut ?? "", says);
        assert.ok(!plan.steps.some(({ mends }) => mends === true), "a correction is not what holds it");
      }
  });

  it("is also memory, and huge pages where they are demanded", async () => {
    for (const [parameters, says] of [
      [{ shared_buffers: "5GB" }, /has 4000 MiB of memory, and shared_buffers 5GB takes 5120 MiB/],
      [{ shared_buffers: "1GB", huge_pages: "on" }, /has 0 MiB of huge pages/],
    ] as const)
      for (const model of [
        new ModelWorld(changed({ parameters })),
        (await convergedWorld()).copy(changed({ parameters: { max_connections: 200, ...parameters } })),
      ]) {
        const { blockers, wave, plan } = await found(model);
        const hosts = ["db-master-01", "db-slave-01", "db-slave-02"];
        assert.deepEqual(
          [blockers, wave],
          [hosts.map((host) => `MemoryTooSmall ${host} everything`), "blocked"],
          JSON.stringify(parameters),
        );
        assert.match(plan.blockers[0]?.why ?? "", says);
        assert.ok(!plan.steps.some(({ mends }) => mends === true));
      }
    const fits = (await convergedWorld()).copy(changed({ parameters: { shared_buffers: "3GB", huge_pages: "try" } }));
    assert.ok((await found(fits)).plan.steps.some(({ mends }) => mends === true));
  });

  it("leaves alone only the host that lost what the cluster has in force", async () => {
    const stack = changed({ parameters: { lc_messages: "de_DE.UTF-8" } }, ["hypopg"]);
    const model = new ModelWorld(stack);
    for (const host of model.hosts.values()) host.charsets = { "de_DE.UTF-8": "UTF-8" };
    await takeAll(model);
    assert.deepEqual((await found(model)).blockers, []);
    model.host("db-slave-01").absent = [`${SHARE}/extension/hypopg.control`];
    model.host("db-slave-02").charsets = {};
    const { blockers } = await found(model);
    assert.deepEqual(blockers, ["ExtensionUnavailable db-slave-01 host", "LocaleMissing db-slave-02 host"]);
  });

  it("of initdb's is the locale, and that it goes with the encoding", async () => {
    const model = new ModelWorld(changed({ locale: "de_DE", encoding: "UTF8" }));
    for (const { name } of model.stack.clusters[0]?.spec.hosts ?? [])
      model.host(name).charsets = { de_DE: "ISO-8859-1" };
    const { plan } = await found(model);
    assert.match(plan.blockers[0]?.why ?? "", /de_DE is for ISO-8859-1, and the encoding is UTF8/);
    assert.match(plan.blockers[0]?.wayOut ?? "", /set encoding to LATIN1/);
    model.host("db-slave-01").charsets = {};
    const lacking = (await found(model)).plan.blockers.find(({ host }) => host === "db-slave-01");
    assert.match(lacking?.why ?? "", /has not the locale de_DE of spec\.postgresql\.locale; it has C, C\.utf8, POSIX/);
    assert.match(lacking?.wayOut ?? "", /echo 'de_DE ISO-8859-1' >>/);
  });

  it("is not missing while the package that pgha installs is not there yet", async () => {
    const model = new ModelWorld(changed({ parameters: { shared_preload_libraries: "auto_explain" } }));
    for (const { name } of model.stack.clusters[0]?.spec.hosts ?? [])
      model.host(name).absent = [
        `${SHARE}/extension/uuid-ossp.control`,
        `${SHARE}/extension/vector.control`,
        `${SERVER}/auto_explain`,
        `${SERVER}/auto_explain.so`,
      ];
    assert.deepEqual((await found(model)).blockers, []);
    model.host("db-slave-01").packages.add("postgresql-17");
    const { plan } = await found(model);
    assert.deepEqual(
      plan.blockers.map(({ reason, host }) => `${reason} ${host ?? ""}`),
      ["FileMissing db-slave-01", "ExtensionUnavailable db-slave-01"],
    );
    assert.match(plan.blockers[0]?.wayOut ?? "", /postgresql-17 is installed on db-slave-01 and has lost it/);
  });

  it("is looked for where PostgreSQL would", () => {
    const [cluster] = changed({}).clusters;
    assert.ok(cluster !== undefined);
    const paths = (parameters: Readonly<Record<string, string>>) =>
      neededOf(cluster, parameters).files.flatMap((file) => (file.extension === undefined ? file.paths : []));
    assert.deepEqual(paths({ shared_preload_libraries: '"$libdir/a", /opt/b.so' }), [
      `${SERVER}/a`,
      `${SERVER}/a.so`,
      "/opt/b.so",
      "/opt/b.so.so",
    ]);
    assert.deepEqual(paths({ dynamic_library_path: "/opt/lib:$libdir", session_preload_libraries: "a" }), [
      "/opt/lib/a",
      "/opt/lib/a.so",
      `${SERVER}/a`,
      `${SERVER}/a.so`,
    ]);
    assert.deepEqual(paths({ ssl: "off", ssl_cert_file: "/x" }), []);
    assert.deepEqual(paths({ ssl: "yes" }), [
      "/opt/keybuzz/postgres/data/pgdata/server.crt",
      "/opt/keybuzz/postgres/data/pgdata/server.key",
    ]);
    const locales = neededOf(cluster, { lc_messages: "C", lc_time: "", lc_numeric: "C.utf8", lc_monetary: "fr_FR" });
    assert.deepEqual([...locales.locales], [["fr_FR", ["lc_monetary"]]]);
  });

  it("is also a library that is not loaded: the extension is created once it is", async () => {
    const isCreated = ({ plan }: Awaited<ReturnType<typeof found>>) =>
      plan.steps.some(({ change }) => change.kind === "create-extension" && change.extension === "pg_cron");
    const alone = await found((await convergedWorld()).copy(changed({}, ["pg_cron"])));
    assert.deepEqual([alone.blockers, isCreated(alone)], [["ExtensionUnavailable db-master-01 disruptive"], false]);
    const model = (await convergedWorld()).copy(
      changed({ parameters: { max_connections: 200, shared_buffers: "256MB", shared_preload_libraries: "pg_cron" } }, [
        "pg_cron",
      ]),
    );
    await takeAll(model);
    const waiting = await found(model);
    assert.deepEqual(
      [waiting.blockers.map((each) => each.split(" ")[0]), isCreated(waiting)],
      [["PendingRestart", "PendingRestart", "PendingRestart"], false],
    );
    for (const host of model.hosts.values())
      host.parametersAtStart = { ...host.parametersAtStart, shared_preload_libraries: "pg_cron" };
    assert.ok(isCreated(await found(model)));
  });
});
