import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hostsOf, isService } from "../../../src/api/index.ts";
import { parseDocuments } from "../../../src/api/parse.ts";
import { validateParsed } from "../../../src/api/validate.ts";
import { HostUnreachableError, InvalidInputError } from "../../../src/errors.ts";
import { importInventory } from "../../../src/inventory/index.ts";
import type { ImportOptions } from "../../../src/inventory/index.ts";
import { stackOf } from "../../../src/reconcilers/stack.ts";
import { asked, olderHeader, olderRows, rows, tsv } from "./fixture.ts";

const keyOf = (address: string): string =>
  "ssh-ed25519 " +
  `${Buffer.concat([Buffer.from("\0\0\0\u000bssh-ed25519\0\0\0\u0020", "latin1"), Buffer.alloc(32, address)]).toString("base64")}`;
const options: ImportOptions = { ...asked, text: tsv() };
const scan = (address: string) => Promise.resolve(keyOf(address));

async function refusal(changed: Partial<ImportOptions>): Promise<string> {
  const error = await importInventory({ ...options, ...changed }).then(
    () => assert.fail("it was accepted"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof InvalidInputError, String(error));
  return error.message;
}

void test("the field's inventory becomes the three resources, on one screen", async () => {
  const { manifestText } = await importInventory({ ...options, scan });
  assert.ok(manifestText.split("\n").length <= 45);
  const parsed = parseDocuments(manifestText, "made");
  assert.deepEqual(validateParsed(parsed).problems, []);
  assert.deepEqual(
    parsed.resources.map((resource) => [
      resource.kind,
      resource.metadata.name,
      hostsOf(resource)
        .map(({ name, address }) => `${name} ${address}`)
        .join(", "),
    ]),
    [
      ["PostgresHACluster", "pg-prod", "db-master-01 10.0.0.120, db-slave-01 10.0.0.121, db-slave-02 10.0.0.122"],
      ["HAProxyPool", "pg-prod-haproxy", "haproxy-01 10.0.0.11, haproxy-02 10.0.0.12"],
      ["PgBouncerPool", "pg-prod-pgbouncer", "haproxy-01 10.0.0.11, haproxy-02 10.0.0.12"],
    ],
  );
});

void test("with --baseline there is a HostBaseline for all of these hosts, too", async () => {
  const { manifestText } = await importInventory({ ...options, scan, baseline: true });
  const parsed = parseDocuments(manifestText, "made");
  assert.deepEqual(validateParsed(parsed).problems, []);
  const [baseline] = stackOf(parsed.resources).baselines;
  assert.ok(baseline !== undefined);
  assert.deepEqual([baseline.metadata.name, baseline.spec.sysctl, hostsOf(baseline).length], ["pg-prod-base", {}, 5]);
});

void test("with --runtime container each of them runs in containers, of files that are named or of what pgha builds", async () => {
  const imagesIn = async (images: Partial<ImportOptions>) => {
    const { manifestText } = await importInventory({ ...options, scan, runtime: "container", ...images });
    const parsed = parseDocuments(manifestText, "made");
    assert.deepEqual(validateParsed(parsed).problems, []);
    return parsed.resources.flatMap((resource) => (isService(resource) ? [resource.spec.container?.image] : []));
  };
  const base = { build: { base: "debian:13-slim" } };
  assert.deepEqual(await imagesIn({}), [base, base, base]);
  assert.deepEqual(
    await imagesIn({ images: "/srv/images/" }),
    ["members", "haproxy", "pgbouncer"].map((name) => ({ archive: `/srv/images/${name}.tar` })),
  );
  assert.match(await refusal({ images: "/srv/images" }), /--images/);
});

void test("both layouts, with and without a header, give the same manifest", async () => {
  const named = { ...options, proxies: "haproxy-01,haproxy-02" };
  const { manifestText } = await importInventory(named);
  for (const text of [tsv(rows, []), tsv(olderRows, olderHeader), tsv(olderRows, [])]) {
    assert.equal((await importInventory({ ...named, text })).manifestText, manifestText);
  }
});

void test("byte order mark, CRLF, stray spaces, quotes, comments and blank lines change nothing", async () => {
  const { manifestText } = await importInventory(options);
  const messy =
    `\ufeff# the ` +
    `servers\r\n\r\n${tsv().replaceAll("\t", " \t ").replaceAll("10.0.0.120", '"10.0.0.120"').replaceAll("\n", "\r\n")}\t\t\r\n   # end\r\n`;
  assert.equal((await importInventory({ ...options, text: messy })).manifestText, manifestText);
  assert.equal(
    (await importInventory({ ...options, text: `# ${tsv()}` })).manifestText,
    manifestText,
    "a header that is commented out",
  );
});

void test("a filter that matches more database hosts than asked is refused, and all of them are listed", async () => {
  const message = await refusal({ db: "role=db,subrole=postgres" });
  assert.match(message, /matches 5 hosts where 3 were expected: db-master-01 .* temporal-db-01 .* and analytics-db-01/);
  assert.match(message, /--db NAME,NAME,NAME; if all 5 do, add count=5/);
  assert.match(await refusal({ proxies: "role=lb" }), /matches 3 hosts where 2 were expected: .*edge-lb-01/);
  assert.match(await refusal({ proxies: "role=lb,subrole=public" }), /matches 1 host where 2 were expected/);
  await importInventory({ ...options, db: "role=db,subrole=postgres,count=5" });
});

void test(
  "hosts that carry the same role and were not asked for are pointed out and never in the " + "manifest",
  async () => {
    const { manifestText, notes } = await importInventory(options);
    assert.ok(!/temporal|analytics|edge|10\.9\./.test(manifestText));
    assert.match(notes.join("\n"), /Not part of it.*temporal-db-01 .*analytics-db-01/);
  },
);

void test("the host named first is preferred in a failover, and no more than that is promised", async () => {
  const { manifestText, notes } = await importInventory(options);
  assert.match(manifestText, /name: db-master-01, .*failoverPriority: 2/);
  assert.deepEqual(
    notes.filter((note) => note.includes("failoverPriority")),
    [
      "db-master-01 was named first and has failoverPriority 2: in a failover it goes before replicas with " +
        "the same data (Patroni 3.2 and later). The first leader is whoever starts first, and nobody leads " +
        "again just because it is back.",
    ],
  );
});

void test("until the host keys are in, the manifest is refused at each of them", async () => {
  const { manifestText, notes } = await importInventory(options);
  const { problems } = validateParsed(parseDocuments(manifestText, "made"));
  assert.equal(problems.length, 7);
  assert.ok(problems.every(({ path }) => /^spec\.hosts\[\d\]\.hostKey$/.test(path)));
  assert.match(notes.join("\n"), /Host keys are left open/);
});

void test("scanned keys are printed for a person to compare, and a host that is away goes without", async () => {
  const { manifestText, notes } = await importInventory({
    ...options,
    scan: async (address) => {
      if (address === "10.0.0.121") {
        throw new HostUnreachableError("x", "it does not answer");
      }
      return await scan(address);
    },
  });
  assert.match(notes.join("\n"), /db-master-01 {2}10\.0\.0\.120 {2}ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}\n/);
  assert.match(notes.join("\n"), /db-slave-01 {3}10\.0\.0\.121 {2}no host key: it does not answer/);
  assert.match(notes.join("\n"), /Compare each fingerprint/);
  assert.ok(manifestText.includes('db-slave-01, address: 10.0.0.121, hostKey: "<host key of db-slave-01>"'));
  assert.ok(manifestText.includes(keyOf("10.0.0.120")));
});

void test("SSH users come from the inventory, and one who is not root gets sudo", async () => {
  const text = tsv(
    rows.map((row) => row.map((cell, index) => (index === 5 ? (row[2] === "db-slave-02" ? "debian" : "admin") : cell))),
  );
  const { manifestText } = await importInventory({ ...options, text });
  assert.match(manifestText, /ssh: \{user: admin, become: sudo, privateKeySecretRef: \{name: vm-ssh\}\}/);
  assert.match(manifestText, /db-slave-02.*ssh: \{user: debian, become: sudo\}\}/);
  assert.ok(!(await importInventory({ ...options, text, sshUser: "root" })).manifestText.includes("become"));
});

void test("options end up in their fields, and bad ones are refused with the field", async () => {
  const { manifestText } = await importInventory({
    ...options,
    name: "main",
    roles: ["readers"],
    databases: ["flows:n8n", "keybuzz"],
    dataVolume: "/data",
    postgresVersion: 16,
    clientNetworks: ["10.0.0.0/16"],
    sshKeySecret: "key",
    scan,
  });
  const [cluster] = parseDocuments(manifestText, "made").resources;
  assert.ok(cluster?.kind === "PostgresHACluster");
  const { spec } = cluster;
  assert.deepEqual(
    [
      cluster.metadata.name,
      spec.roles.map(({ name }) => name),
      spec.databases.map(({ name, owner }) => `${name}:${owner}`),
    ],
    ["main", ["readers", "n8n", "keybuzz"], ["flows:n8n", "keybuzz:keybuzz"]],
  );
  assert.deepEqual(
    [
      spec.postgresql.version,
      spec.postgresql.dataVolume,
      spec.postgresql.clientNetworks,
      spec.ssh.privateKeySecretRef.name,
    ],
    [16, { mountPath: "/data" }, ["10.0.0.0/16"], "key"],
  );
  const message = await refusal({
    name: "Not a name",
    dataVolume: "data:xfs:ro",
    postgresVersion: 9,
    roles: ["rob'; drop"],
    sshUser: "$(id)",
  });
  for (const field of ["metadata.name", "mountPath", "filesystem", "version", "roles[0].name", "ssh.user"]) {
    assert.ok(message.includes(field), `${field}: ${message}`);
  }
});

for (const [reason, changed, says] of [
  ["no --db", { db: undefined }, /--db: .* missing/],
  ["an empty --db", { db: " , " }, /names no hosts/],
  [
    "a host that is not there",
    { db: "db-master-01,db-slave-01,db-slave-2" },
    /no host db-slave-2 .*did you mean db-slave-02\?/s,
  ],
  ["a host of another environment", { env: "staging" }, /db-slave-01 belongs to the environment "prod"/],
  ["an environment that is not there", { env: "prd" }, /did you mean prod\?/],
  ["a host named twice", { db: "db-master-01,db-slave-01,DB-SLAVE-01" }, /names DB-SLAVE-01 twice/],
  ["names and filters together", { db: "db-master-01,role=db" }, /mixes/],
  ["a column that is not there", { proxies: "rôle=lb" }, /no column .*did you mean role\?/s],
  ["a column asked for twice", { proxies: "role=lb,role=db" }, /twice/],
  ["a value that nothing has", { proxies: "role=proxy" }, /matches no host.*role: db and lb/s],
  ["a count that is no number", { proxies: "role=lb,count=two" }, /count is "two"/],
  ["two members", { db: "db-master-01,db-slave-01" }, /2 database hosts are no highly available cluster/],
  ["four members", { db: "db-master-01,db-slave-01,db-slave-02,analytics-db-01" }, /4 database hosts/],
  ["one member that nobody acknowledged", { db: "db-master-01" }, /--allow-single-member/],
  ["a host for both jobs", { proxies: "db-slave-01,haproxy-01" }, /db-slave-01 is a database host already/],
  ["a filter without a header to name columns", { text: tsv(olderRows, []) }, /no header/],
  [
    "an address that is none",
    { text: tsv().replace("10.0.0.121", "10.0.0.321") },
    /line 3: .*"10\.0\.0\.321", which is no IP address/,
  ],
  ["an address that is missing", { text: tsv().replace("10.0.0.121", "") }, /db-slave-01 has no private address/],
  ["an address that only the host itself reaches", { text: tsv().replace("10.0.0.121", "127.0.0.1") }, /cannot reach/],
  [
    "an address that another host has too",
    { text: tsv().replace("10.0.0.130", "10.0.0.121") },
    /same private address as analytics-db-01 \(10\.0\.0\.121, line 6\)/,
  ],
  [
    "a host name that is none",
    { text: tsv().replaceAll("db-slave-01", "db_slave_01"), db: "db-master-01,db_slave_01,db-slave-02" },
    /no DNS name/,
  ],
  [
    "an SSH user that is none",
    { text: tsv().replace("db-slave-01.example.com\troot", "db-slave-01.example.com\troot; id") },
    /SSH user of db-slave-01/,
  ],
] as const) {
  void test(`${reason} is refused, with the way out`, async () => {
    assert.match(await refusal(changed), says);
  });
}

void test("the same name in two environments is refused until one is chosen", async () => {
  const { env: _, ...everywhere } = options;
  const error = await importInventory(everywhere).catch((reason: unknown) => reason);
  assert.match(String(error), /db-master-01 is in the inventory more than once: .* choose the environment with --env/s);
});

void test("one member is accepted when it is acknowledged", async () => {
  const { manifestText } = await importInventory({ ...options, db: "db-master-01", allowSingleMember: true, scan });
  assert.match(manifestText, /allowSingleMember: true/);
  assert.deepEqual(validateParsed(parseDocuments(manifestText, "made")).problems, []);
});

void test(
  "whatever stands in the file, it is refused or becomes a manifest that holds only what " + "was asked",
  async () => {
    const cell = fc.oneof(
      fc.constantFrom(
        "prod",
        "10.0.0.120",
        "db-master-01",
        "HOSTNAME",
        "",
        "a: b",
        "- x",
        "${x}",
        '"',
        "#",
        "yes",
        "0x10",
      ),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 4 }),
        fc.constantFrom("prod", "db", "10.0.0.120"),
        async (extra, field) => {
          const text =
            tsv(rows.map((row) => row.map((value, index) => (index === 11 ? field : value)))) +
            extra.map((line) => line.join("\t")).join("\n");
          const made = await importInventory({ ...options, text, scan }).catch((error: unknown) => {
            assert.ok(error instanceof InvalidInputError);
          });
          if (made !== undefined) {
            const parsed = parseDocuments(made.manifestText, "made");
            assert.deepEqual(validateParsed(parsed).problems, []);
            assert.equal(parsed.resources.length, 3);
          }
        },
      ),
      { numRuns: 60 },
    );
  },
);
