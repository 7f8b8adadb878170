import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FAILOVER_TIMINGS } from "../../../src/api/timings.ts";
import { judge } from "./stack.ts";

const DB = "PostgresHACluster/main";

describe("the profiles of patroni.failover", () => {
  it("each keep Patroni's rule, within its own limits, and outlast what RAFT needs to be whole again", () => {
    for (const { patroni } of Object.values(FAILOVER_TIMINGS)) {
      const { ttl, loopWait, retryTimeout } = patroni;
      assert.ok(loopWait + 2 * retryTimeout <= ttl);
      assert.ok(ttl >= 20 && loopWait >= 1 && retryTimeout >= 3);
      // A node dials anew after 5 s, and an election begins after up to 1.4 s.
      assert.ok(retryTimeout > 5 + 1.4);
    }
  });

  it("Fast takes none of its three numbers from elsewhere, also where it is the same number", () => {
    for (const timing of [{ ttl: 20 }, { loopWait: 6 }, { retryTimeout: 3 }, { ttl: 60, loopWait: 2 }]) {
      const { problems } = judge(({ cluster }) => (cluster.spec.patroni = { failover: "Fast", ...timing }));
      assert.deepEqual(
        problems.map(({ resource, path }) => `${resource} ${path}`),
        [`${DB} spec.patroni.failover`],
        JSON.stringify(timing),
      );
      assert.match(problems[0]?.wayOut ?? "", /take ttl, loopWait and retryTimeout out/);
    }
  });

  it("Fast by itself, or with empty values beside it, is taken", () => {
    const { problems } = judge(
      ({ cluster }) => (cluster.spec.patroni = { failover: "Fast", ttl: null, loopWait: null } as never),
    );
    assert.deepEqual(problems, []);
  });

  it("Standard is only what is left out: a written number wins, against the others' defaults", () => {
    const timed = (patroni: object) => judge(({ cluster }) => (cluster.spec.patroni = patroni)).problems;
    assert.deepEqual(timed({ failover: "Standard", ttl: 60 }), []);
    assert.equal(timed({ failover: "Standard", ttl: 20 }).length, 1);
    assert.equal(timed({ retryTimeout: 11 }).length, 1);
  });
});
