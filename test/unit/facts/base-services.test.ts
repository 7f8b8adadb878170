import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CHRONY, JOURNALD, TIMESYNCD } from "../../../src/desired/base-services.ts";
import { baseServicesFact } from "../../../src/facts/base-services.ts";
import { timeFact } from "../../../src/facts/time.ts";
import { runHere } from "./run-here.ts";

describe("services of the distribution's", () => {
  it("are asked of this machine by a script that works here", async () => {
    const { answer } = await runHere(baseServicesFact([JOURNALD, { title: "none", unit: "there-is-none.service" }]));
    assert.equal(answer[JOURNALD.unit]?.isThere, true);
    assert.deepEqual(answer["there-is-none.service"], {
      isThere: false,
      isActive: false,
      isEnabled: false,
      isMasked: false,
      told: undefined,
    });
  });

  it("are what the host says of each, and unknown of a host that says nothing", () => {
    const { parse } = baseServicesFact([CHRONY, TIMESYNCD]);
    const stdout =
      "service chrony.service there enabled active told=12:1700000000.5\nservice systemd-timesyncd.service there masked\n";
    assert.deepEqual(parse({ exitCode: 0, stdout }), {
      [CHRONY.unit]: { isThere: true, isActive: true, isEnabled: true, isMasked: false, told: "12:1700000000.5" },
      [TIMESYNCD.unit]: { isThere: true, isActive: false, isEnabled: false, isMasked: true, told: undefined },
    });
    assert.throws(() => parse({ exitCode: 0, stdout: "service chrony.service\n" }), /did not say/);
  });
});

describe("what a time service says of itself", () => {
  const { parse } = timeFact(true);
  const tracking = (leap: string): string =>
    `0A000901,10.0.9.1,3,1700000000.1,0.000001,0.000002,0.00001,-5.1,0.001,0.05,0.002,0.001,64.2,${leap}`;

  it("is read from chronyc, with the servers as they were written", () => {
    const stdout = `chrony\n${tracking("Normal")}\n^,*,10.0.9.1,2,6,377,12,0.1,0.1,0.1\n^,?,ntp.example.org,0,6,0,4294967295,0.0,0.0,0.0\nover\n`;
    assert.deepEqual(parse({ exitCode: 0, stdout }), {
      isSynchronised: true,
      sources: [
        { name: "10.0.9.1", answers: true },
        { name: "ntp.example.org", answers: false },
      ],
    });
    const alone = parse({ exitCode: 0, stdout: `chrony\n${tracking("Not synchronised")}\nover\n` });
    assert.deepEqual(alone, { isSynchronised: false, sources: [] });
    assert.equal(parse({ exitCode: 0, stdout: "chrony\nover\n" }).isSynchronised, false, "it does not answer");
    const cut = `chrony\n${tracking("Normal")}\n^,?,2.debian.pool.ntp.org,0,6,0,4294967295,0.0,0.0,0.0\ncut short\nover\n`;
    assert.deepEqual(parse({ exitCode: 0, stdout: cut }), { isSynchronised: true, sources: [] }, "half a list is none");
  });

  it("is what timesyncd leaves behind, and unknown of all others", () => {
    assert.equal(parse({ exitCode: 0, stdout: "timesyncd\nover\n" }).isSynchronised, true);
    assert.equal(parse({ exitCode: 0, stdout: "over\n" }).isSynchronised, undefined);
    assert.throws(() => parse({ exitCode: 124, stdout: "" }), /did not say who keeps/);
  });
});
