import assert from "node:assert/strict";
import { test } from "node:test";
import { fileDetails } from "../../../src/plan/format-file.ts";
import { formatPlan } from "../../../src/plan/format.ts";
import type { PlanFormat } from "../../../src/plan/format.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { styleFor } from "../../../src/text/style.ts";
import { ADDRESSES, CONFIG_BEFORE, EXAMPLE, NOTHING, step } from "./example-plan.ts";

const plainly = (plan: Plan, more: Partial<PlanFormat> = {}): string =>
  formatPlan(plan, { style: styleFor(false), columns: 100, addresses: ADDRESSES, details: new Map(), ...more });

test("a plan reads host by host, in the order things happen, with hosts that get the same named together", () => {
  const details = fileDetails(
    EXAMPLE,
    "changes",
    new Map([["proxy-1/file:haproxy.cfg", CONFIG_BEFORE]]),
    styleFor(false),
  );
  assert.equal(
    plainly(EXAMPLE, { details }),
    `\
here (pgha's own records)
  + generate secret pg-superuser (superuser)  there is none yet

db-1 (10.77.0.11), db-2 (10.77.0.12)
  + install patroni, postgresql-17            not installed
  + write /etc/pgha/patroni.yml               absent
      new file, 2 lines, root:root 0600; holds secrets, content not shown
  + start patroni.service                     not running

proxy-1 (10.77.0.21)
  ~ rewrite /etc/pgha/haproxy.cfg             content differs
      @@ -1,4 +1,4 @@
       global
      -  maxconn 1000
      +  maxconn 2000
       defaults
         timeout connect 5s
  ↻ reload pgha-haproxy.service [reload]      the running configuration differs
  ! restart pgha-pgbouncer.service [restart]  listen_port can only be changed by a restart

Waiting for
  … PostgresHACluster/pg: a leader (at most 90 s), then roles and databases [NoLeader]

Blocked: nothing is touched until this is out of the way
  ✗ db-2: nothing is mounted at /data [VolumeMissing]
      way out: mount the volume there, then run pgha again

Worth knowing
  ▲ PostgresHACluster/pg: Patroni calls RAFT deprecated [UnsafePySyncObj]

Plan: 10 to do on 3 hosts (1 reload, 1 restart, 0 disruptive), 1 wait, 1 blocker, 1 warning
`,
  );
});

test("nothing to do is one line", () => {
  assert.equal(plainly(NOTHING), "✓ Nothing to do: all 3 hosts are as the manifest asks\n");
});

test("what only needs knowing does not hide that there is nothing to do", () => {
  assert.match(
    plainly({ ...NOTHING, warnings: EXAMPLE.warnings }),
    /^Worth knowing\n.*\n\n✓ Nothing to do: .* \(1 warning\)\n$/s,
  );
});

test("a plan that is held up entirely does not claim that there is nothing to do", () => {
  assert.match(plainly({ ...NOTHING, blockers: EXAMPLE.blockers }), /\nPlan: nothing to do now: 1 blocker\n$/);
});

test("reasons that do not fit beside their step go below it, and no line is wider than the screen", () => {
  const because =
    "the running configuration differs from the one in the file, which was changed by somebody an hour ago";
  const text = plainly(
    {
      ...NOTHING,
      steps: [
        step("db-1", "x", "services", { kind: "reload-unit", unit: "patroni.service", reads: [] }, because, "reload"),
      ],
    },
    { columns: 60 },
  );
  assert.equal(
    text,
    `\
db-1 (10.77.0.11)
  ↻ reload patroni.service [reload]
      the running configuration differs from the one in the
      file, which was changed by somebody an hour ago

Plan: 1 to do on 1 host (1 reload, 0 restart, 0 disruptive)
`,
  );
});

test("one finding about one host is said once, though several resources name it", () => {
  const blocker = { ...EXAMPLE.blockers[0]!, host: "proxy-1", scope: "host" as const };
  const text = plainly({
    ...NOTHING,
    blockers: [blocker, { ...blocker, resource: "PgBouncerPool/other" }, { ...blocker, host: "proxy-2" }],
  });
  assert.equal(text.match(/✗ proxy-1/g)?.length, 1);
  assert.equal(text.match(/✗ proxy-2/g)?.length, 1);
});

test("what a host said cannot steer the terminal", () => {
  const hostile = "done\u001B[2J\u001B]0;owned\u0007\rall well";
  const text = plainly({
    ...NOTHING,
    blockers: [{ ...EXAMPLE.blockers[0]!, why: hostile, wayOut: hostile }],
    warnings: [{ ...EXAMPLE.warnings[0]!, message: hostile }],
    steps: [{ ...EXAMPLE.steps[1]!, because: hostile }],
  });
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  assert.doesNotMatch(text, /[\u001B\u0007\r]/);
  assert.match(text, /done\\x1b\[2J\\x1b\]0;owned\\x07\\x0dall well/);
});

test("colour adds nothing but colour", () => {
  const coloured = formatPlan(EXAMPLE, {
    style: styleFor(true),
    columns: 100,
    addresses: ADDRESSES,
    details: new Map(),
  });
  assert.notEqual(coloured, plainly(EXAMPLE));
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is taken out
  assert.equal(coloured.replaceAll(/\u001B\[\d+m/g, ""), plainly(EXAMPLE));
});
