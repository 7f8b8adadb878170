import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noticing } from "../../../src/plan/notices.ts";
import { hbaNotices } from "../../../src/reconcilers/postgres-ha-cluster/hba-notices.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import { modelRule } from "../../model/model-hba.ts";

/** What is said where PostgreSQL goes by the one and is to go by the other. */
function said(before: readonly string[], after: readonly string[]): string {
  const rules = before.map((line, index) => modelRule(line, index + 1, 17));
  const running = { file: "pg_hba.conf", rules, taken: [], loaded: true };
  return noticing("reload", hbaNotices(after, 17, running)).noticed ?? "";
}

const OPEN = "host all all 10.0.0.0/8 scram-sha-256";

describe("who notices other rules of pg_hba.conf", () => {
  for (const [before, after, words] of [
    [[OPEN], [], "new logins from 10.0.0.0/8 are refused from then on"],
    [
      [OPEN, "hostssl shop ada,bob fd00::1/128 scram-sha-256"],
      [],
      "new logins from 10.0.0.0/8 and of ada and bob to the database shop from fd00::1 with TLS are refused " +
        "from then on",
    ],
    [
      [OPEN],
      ["host all all 10.1.0.0/16 scram-sha-256"],
      "new logins from 10.0.0.0/8 are refused from then on, beside those from 10.1.0.0/16",
    ],
    [
      [OPEN],
      ["hostssl all all 10.0.0.0/8 scram-sha-256"],
      "new logins from 10.0.0.0/8 are refused from then on, beside those from 10.0.0.0/8 with TLS",
    ],
    [[OPEN], ["host all ada all reject", OPEN], "new logins of ada over the network are refused from then on"],
    [
      ["host all all 10.0.0.0/8 trust"],
      [OPEN],
      "new logins from 10.0.0.0/8 are let in by password from then on, and no more without any password",
    ],
    [
      [OPEN],
      ["hostssl all all 10.0.0.0/8 cert", OPEN],
      "new logins from 10.0.0.0/8 with TLS are let in by client certificate from then on, and no more by password",
    ],
    [
      ["hostssl all all all scram-sha-256"],
      ["hostssl all all all scram-sha-256 clientcert=verify-ca"],
      "new logins over the network with TLS are let in by password and client certificate from then on, and " +
        "no more by password",
    ],
    [
      ["local all +staff peer map=a"],
      ["local all +staff peer map=b"],
      "new logins of members of staff over the socket are let in as the operating system's user of that " +
        "name still, with other options",
    ],
    [
      ["host replication all samenet scram-sha-256"],
      ["host all all all scram-sha-256"],
      "new logins to replicate from the host's own networks are refused from then on",
    ],
  ] as const)
    it(`is said of ${before.join("; ")} to ${after.join("; ")}`, () => {
      assert.equal(said(before, after), words);
    });

  for (const [before, after] of [
    [[OPEN], [OPEN, "host all all all trust"]],
    [["host all all 10.1.0.0/16 scram-sha-256"], [OPEN]],
    [["host all all 10.0.0.0/8 md5"], [OPEN]],
    [[OPEN, "host all all 10.1.0.0/16 trust"], [OPEN]],
    [["host all all 10.0.0.0/8 reject"], []],
    [["host all all 10.0.0.0 255.0.0.0 scram-sha-256"], [OPEN]],
    [[OPEN, "host all all all reject"], [OPEN]],
  ] as const)
    it(`is nobody from ${before.join("; ")} to ${after.join("; ")}`, () => {
      assert.equal(said(before, after), "");
    });

  it(
    "stands in the plan at the reload of each member, where a network goes and where lines of a hand are " +
      "taken back",
    async () => {
      const model = await convergedWorld();
      const narrower = model.copy({
        ...model.stack,
        clusters: model.stack.clusters.map((cluster) => ({
          ...cluster,
          spec: { ...cluster.spec, postgresql: { ...cluster.spec.postgresql, clientNetworks: [] } },
        })),
      });
      const noticed = async (of: typeof model) =>
        (await planOf(of)).plan.steps.flatMap((step) =>
          step.noticed === undefined ? [] : [`${step.host} ${step.change.kind} [${step.impact}] ${step.noticed}`],
        );
      assert.deepEqual(
        await noticed(narrower),
        ["db-master-01", "db-slave-01", "db-slave-02"].map(
          (host) =>
            `${host} reload-unit [noticed] new logins from 10.0.0.0/16 are refused from then on, beside those ` +
            "from 10.0.0.11 and from 10.0.0.12",
        ),
      );
      model.host("db-slave-01").accessRules = ["local all postgres peer", "host all all 0.0.0.0/0 trust"];
      assert.deepEqual(await noticed(model), [
        "db-slave-01 restore-hba [noticed] new logins of postgres, replicator and rewind_user over the " +
          "network are refused from then on; new logins from 10.0.0.11, from 10.0.0.12 and from 10.0.0.0/16 " +
          "are let in by password from then on, and no more without any password; new logins over IPv4 are " +
          "refused from then on, beside those from 10.0.0.11, from 10.0.0.12 and from 10.0.0.0/16",
      ]);
    },
  );
});
