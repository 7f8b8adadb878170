import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { ANNOTATIONS } from "../../../src/api/annotations.ts";
import { validate } from "../../../src/api/index.ts";
import type { Kind } from "../../../src/api/index.ts";
import { ignoredAnnotations } from "../../../src/api/rules/annotations.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const PRINT = `SHA256:${"a".repeat(43)}`;
const OURS = "pgha.keybuzz.io";

function told(
  annotations: Readonly<Record<string, string>>,
  kind: Kind = "PostgresHACluster",
  labels: Readonly<Record<string, string>> = {},
): readonly string[] {
  return ignoredAnnotations({
    kind,
    annotations,
    labels,
    hosts: () => ["db-1", "db-2"],
    roles: () => ["n8n", "app"],
    nowMs: NOW,
  }).map(({ name, message, wayOut }) => `${name.replace(`${OURS}/`, "")} ${message}; ${wayOut}`);
}

const one = (name: string, value: string, kind?: Kind): string => told({ [name]: value }, kind).join(" | ");

describe("an annotation that is written as asked", () => {
  for (const [name, values] of [
    [ANNOTATIONS.paused, ["true", "false"]],
    [ANNOTATIONS.observeOnly, ["true", "false"]],
    [ANNOTATIONS.forceFinalize, ["true", "false"]],
    [
      ANNOTATIONS.reconcileAt,
      [
        "1",
        "1795953600",
        "1795953600123",
        "2026-11-29T12:00:00Z",
        "2026-11-29T13:00:00+01:00",
        "Sun Nov 29 12:00:00 UTC 2026",
      ],
    ],
    [
      ANNOTATIONS.acceptHostKey,
      [`db-1=${PRINT}`, `db-1=machine:${"0a".repeat(16)}, db-2=volume:0a0a-0b0b`, `db-1=${PRINT},`],
    ],
    [ANNOTATIONS.rotatePassword, ["n8n", " n8n , app"]],
    [ANNOTATIONS.forgetHost, ["db-9", "db-9,db-8"]],
  ] as const)
    for (const value of values) it(`is heeded in silence: ${name} ${value}`, () => assert.equal(one(name, value), ""));

  it("is so on every kind, but for new passwords", () => {
    for (const kind of ["HAProxyPool", "PgBouncerPool"] as const) {
      assert.deepEqual(told({ [ANNOTATIONS.paused]: "true", [ANNOTATIONS.acceptHostKey]: `db-1=${PRINT}` }, kind), []);
      assert.equal(
        one(ANNOTATIONS.rotatePassword, "n8n", kind),
        `rotate-password means nothing on a ${kind}; write it on the PostgresHACluster`,
      );
    }
  });
});

describe("a value that is not written as asked is said, with what was meant", () => {
  for (const [value, wayOut] of [
    ["yes", 'did you mean "true"?'],
    ["True", 'did you mean "true"?'],
    ["1", 'did you mean "true"?'],
    ["ture", 'did you mean "true"?'],
    ["no", 'did you mean "false"?'],
    ["", 'write "true", or take it off'],
    ["2026-12-24", 'write "true", or take it off'],
  ] as const)
    for (const name of ["paused", "observe-only", "force-finalize"])
      it(`${name}=${value}`, () =>
        assert.equal(
          one(`${OURS}/${name}`, value),
          `${name} is ${JSON.stringify(value)}, which is not heeded; ${wayOut}`,
        ));

  for (const value of ["now", "", "tomorrow", "true", "2026-13-45T00:00:00Z"])
    it(`reconcile-at=${value}`, () => assert.match(one(ANNOTATIONS.reconcileAt, value), /which is no time.*date \+%s/));

  for (const value of ["2026-12-24T03:00:00Z", "1799999999", "1799999999000", "1799999999000000000"])
    it(`reconcile-at=${value}`, () =>
      assert.match(one(ANNOTATIONS.reconcileAt, value), /is to come.*nothing happens then/));

  for (const value of ["", "pnding-1", "Pendng", "pendign 2026-11-01T00:00:00Z"])
    it(`restart-at=${value}`, () =>
      assert.match(one(ANNOTATIONS.restartAt, value), /which asks for no restart.*restart-at=pending-\$\(date \+%s\)/));

  it("restart-at of a time to come", () => {
    for (const value of ["2026-12-24T03:00:00Z", "pending-1799999999"])
      assert.match(one(ANNOTATIONS.restartAt, value), /is to come: nothing restarts before/);
  });

  for (const value of [
    "",
    "db-1",
    PRINT,
    "db-1=MD5:aa:bb",
    `db-1=${PRINT}=`,
    "db-1=true",
    `db-1 = ${PRINT}`,
    "db-1=machine:0A",
    "db-1=volume:",
    `db-1=${PRINT};db-2=${PRINT}`,
  ])
    it(`accept-host-key=${value}`, () =>
      assert.match(one(ANNOTATIONS.acceptHostKey, value), /write HOST=SHA256:\.\.\./));

  it("names of hosts and roles that are not there", () => {
    assert.equal(
      one(ANNOTATIONS.acceptHostKey, `db1=${PRINT}`),
      'accept-host-key names "db1", which is no host; did you mean db-1?',
    );
    assert.equal(
      one(ANNOTATIONS.rotatePassword, "n8n,aap"),
      'rotate-password names "aap", which is no role of spec.roles that logs in; did you mean app?',
    );
    assert.match(one(ANNOTATIONS.rotatePassword, "postgres"), /there are n8n, app$/);
    assert.match(one(ANNOTATIONS.rotatePassword, ""), /names nothing; write ROLE/);
    assert.match(one(ANNOTATIONS.forgetHost, " , "), /names nothing; write HOST/);
  });

  it("and nothing of a key that strayed there", () =>
    assert.ok(!one(ANNOTATIONS.paused, "-----BEGIN OPENSSH PRIVATE KEY----- abc").includes("abc")));
});

describe("a name that is none of ours", () => {
  for (const [name, meant] of [
    [`${OURS}/pausd`, "paused"],
    [`${OURS}/pause`, "paused"],
    [`${OURS}/Paused`, "paused"],
    [`${OURS}/observe_only`, "observe-only"],
    [`${OURS}/observeOnly`, "observe-only"],
    [`${OURS}/reconcileat`, "reconcile-at"],
    [`${OURS}/accept-hostkey`, "accept-host-key"],
    [`${OURS}/rotate-passwords`, "rotate-password"],
    [`${OURS}/forget-hosts`, "forget-host"],
    [`${OURS}/force-finalise`, "force-finalize"],
    ["pgha.keybuz.io/paused", "paused"],
    ["pgha.keybuzz.com/paused", "paused"],
    ["pgha/paused", "paused"],
    ["keybuzz.io/paused", "paused"],
    ["paused", "paused"],
  ] as const)
    it(name, () =>
      assert.match(one(name, "true"), new RegExp(`is no annotation of pgha's.*did you mean ${OURS}/${meant}\\?$`)),
    );

  it("and is like none of ours lists those", () =>
    assert.match(one(`${OURS}/backup`, "true"), /those are pgha\.keybuzz\.io\/paused, .*forget-host$/));

  it("is nobody's business where it is of others", () =>
    assert.deepEqual(
      told(
        {
          "kubectl.kubernetes.io/last-applied-configuration": "{}",
          "argocd.argoproj.io/tracking-id": "x",
          "kustomize.toolkit.fluxcd.io/reconcile": "disabled",
          "cluster.x-k8s.io/paused": "",
          "keybuzz.io/team": "db",
          note: "x",
        },
        "HAProxyPool",
        { "app.kubernetes.io/name": "pgha", "keybuzz.io/team": "db", paused: "no" },
      ),
      [],
    ));

  it("is said of labels, too", () => {
    assert.deepEqual(told({}, "HAProxyPool", { [`${OURS}/paused`]: "true" }), [
      `paused is a label, which nobody heeds; write it as the annotation ${OURS}/paused`,
    ]);
    assert.deepEqual(told({}, "HAProxyPool", { [`${OURS}/pausd`]: "true", [`${OURS}/team`]: "x" }), [
      `pausd is a label, which nobody heeds; write it as the annotation ${OURS}/paused`,
    ]);
  });
});

test("a manifest is told of it, and is as sound as before", () => {
  const [cluster] = sampleStack().clusters;
  assert.ok(cluster);
  const annotated = { ...cluster, metadata: { ...cluster.metadata, annotations: { [ANNOTATIONS.paused]: "yes" } } };
  const { problems, warnings } = validate([annotated], { complete: false });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    warnings.filter(({ path }) => path.includes(OURS)).map(({ message, wayOut }) => `${message}; ${wayOut}`),
    ['is "yes", which is not heeded; did you mean "true"?'],
  );
});
