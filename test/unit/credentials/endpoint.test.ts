import assert from "node:assert/strict";
import { test } from "node:test";
import { validate } from "../../../src/api/validate.ts";
import { lookOf } from "../../../src/credentials/others.ts";
import { passwordInUri } from "../../../src/credentials/secret-check.ts";
import { createSecret, isOutdated } from "../../../src/credentials/secret-values.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { desiredSecrets } from "../../../src/credentials/wish.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import { cluster, pools, revealed } from "./fixture.ts";

type Pools = Parameters<typeof desiredSecrets>[1];
type ClientEndpoint = NonNullable<Pools["haproxy"][number]["spec"]["clientEndpoint"]>;

const led = (clientEndpoint: ClientEndpoint, of: keyof Pools): Pools => ({
  ...pools,
  [of]: pools[of].map((pool) => ({ ...pool, spec: { ...pool.spec, clientEndpoint } })),
});
const ADMIN = "main-pgbouncer-admin";
function made(behind: Pools, name: string): Readonly<Record<string, string>> {
  const wish = desiredSecrets(cluster, behind).find((one) => one.name === name);
  assert.ok(wish);
  return revealed(createSecret(wish));
}
const after = (uri: string | undefined): string => (uri ?? "").replace(/^.*@/, "");

test("a uri names every host that serves, and lets a client look for the one that takes writes where it has to", () => {
  assert.equal(after(made(pools, "main-role-n8n")["uri"]), "10.0.0.11:6432,10.0.0.12:6432/flows?connect_timeout=5");
  const writes = "target_session_attrs=read-write&connect_timeout=5";
  assert.equal(after(made(pools, "main-superuser")["uri"]), `10.0.0.11:5432,10.0.0.12:5432/postgres?${writes}`);
  const alone = { haproxy: [], pgbouncer: [] };
  assert.equal(after(made(alone, "main-role-n8n")["uri"]), `10.0.0.1:5432,10.0.0.2:5432,10.0.0.3:5432/flows?${writes}`);
  const { host, port } = made(pools, "main-role-n8n");
  assert.deepEqual([host, port], ["10.0.0.11", "6432"]);
  assert.equal(after(made(pools, ADMIN)["uri"]), "10.0.0.11:6432/pgbouncer", "a console is that of one pooler");
});

test("one host is named as ever, without anything that a driver may not know", () => {
  const one = {
    ...pools,
    pgbouncer: pools.pgbouncer.map((pool) => ({ ...pool, spec: { ...pool.spec, hosts: pool.spec.hosts.slice(0, 1) } })),
  };
  assert.equal(after(made(one, "main-role-n8n")["uri"]), "10.0.0.11:6432/flows");
});

test("the name that clients use stands in host, port and uri, with the port of the hosts if it has none", () => {
  const of = (endpoint: ClientEndpoint) => made(led(endpoint, "pgbouncer"), "main-role-n8n");
  const named = of({ host: "db.example.org" });
  assert.deepEqual(
    [named["host"], named["port"], after(named["uri"])],
    ["db.example.org", "6432", "db.example.org:6432/flows"],
  );
  const six = of({ host: "fd00::7", port: 5000 });
  assert.deepEqual([six["host"], six["port"], after(six["uri"])], ["fd00::7", "5000", "[fd00::7]:5000/flows"]);
  const writes = made(led({ host: "vip.example.org", port: 6000, readPort: 6001 }, "haproxy"), "main-superuser");
  assert.deepEqual([writes["port"], after(writes["uri"])], ["6000", "vip.example.org:6000/postgres"]);
  assert.equal(after(made(led({ host: "db.example.org" }, "pgbouncer"), ADMIN)["uri"]), "10.0.0.11:6432/pgbouncer");
});

test("it is renewed when any host changes, and whose password it holds is read whatever its form", () => {
  const wish = desiredSecrets(cluster, pools).find(({ name }) => name === "main-role-n8n");
  const grown = { ...wish?.endpoint, hosts: ["10.0.0.11", "10.0.0.13"] } as NonNullable<typeof wish>["endpoint"];
  assert.ok(wish !== undefined && grown !== undefined);
  const secret = createSecret(wish);
  assert.equal(isOutdated(wish, secret), false);
  assert.equal(isOutdated({ ...wish, endpoint: grown }, secret), true);
  assert.equal(passwordInUri(secret.data["uri"]?.reveal() ?? ""), secret.data["password"]?.reveal());
  assert.equal(passwordInUri("postgresql://n8n:a%40b%2Fc@h1:1,h2:2/d?x=y"), "a@b/c");
  for (const other of ["postgresql://h1:5432/d", "mysql://a:b@h/d", "postgresql://n8n:%zz@h/d", "n8n", ""])
    assert.equal(passwordInUri(other), undefined);
  const other = { ...secret, data: { ...secret.data, uri: sensitive("postgresql://n8n:pw1@10.0.0.11:6432/flows") } };
  assert.notEqual(lookOf(other), lookOf(secret));
  const rotated = { ...other, data: { ...other.data, uri: sensitive("postgresql://n8n:pw2@10.0.0.11:6432/flows") } };
  assert.equal(lookOf(rotated), lookOf(other));
});

test("status shows the name in place of the hosts, and statistics where they are", async () => {
  const model = await convergedWorld();
  const { stack } = model;
  const named = model.copy({
    ...stack,
    haproxyPools: stack.haproxyPools.map((pool) => ({
      ...pool,
      spec: { ...pool.spec, clientEndpoint: { host: "vip.example.org", readPort: 5555 } },
    })),
    pgbouncerPools: stack.pgbouncerPools.map((pool) => ({
      ...pool,
      spec: { ...pool.spec, clientEndpoint: { host: "db.example.org", port: 6000 } },
    })),
  });
  const pass = await planOf(named);
  assert.deepEqual([...new Set(pass.plan.steps.map(({ change }) => change.kind))], ["write-secret"]);
  const at = (name: string) =>
    pass.statuses.get(name)?.endpoints.map(({ purpose, address, port }) => `${purpose} ${address}:${port}`);
  assert.deepEqual(at("PgBouncerPool/keybuzz-pgbouncer"), ["pooled db.example.org:6000"]);
  assert.deepEqual(at("HAProxyPool/keybuzz-haproxy")?.slice(0, 3), [
    "write vip.example.org:5432",
    "read vip.example.org:5555",
    `stats ${stack.haproxyPools[0]?.spec.hosts[0]?.address}:8404`,
  ]);
});

test("a name that leads nowhere is refused", () => {
  for (const [host, message] of [
    ["localhost", /leads every client to itself/],
    ["127.0.0.1", /leads every client to itself/],
    ["::1", /leads every client to itself/],
    ["10.0.0.300", /looks like an IPv4 address/],
    ["0.0.0.0", /is no address of a single host/],
  ] as const) {
    const [pool] = led({ host }, "pgbouncer").pgbouncer;
    assert.ok(pool);
    const found = validate([cluster, ...pools.haproxy, pool]).problems;
    assert.match(found.map(({ path, message: text }) => `${path} ${text}`).join(), message, host);
    assert.equal(found[0]?.path, "spec.clientEndpoint.host");
  }
});
