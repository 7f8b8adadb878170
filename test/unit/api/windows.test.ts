import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scheduleFault, timeZoneFault, windowAt } from "../../../src/api/windows.ts";

const SATURDAYS = { schedule: "0 3 * * SAT", durationMinutes: 120, timeZone: "Europe/Paris" };

function at(time: string, ...windows: readonly (typeof SATURDAYS)[]): string {
  const found = windowAt(windows.length === 0 ? [SATURDAYS] : windows, Date.parse(time));
  if (found === undefined) return "always";
  return found.open
    ? `open until ${new Date(found.untilMs).toISOString()}`
    : `next ${new Date(found.nextMs).toISOString()}`;
}

describe("maintenance windows", () => {
  it("are open from their beginning until they have lasted, in their own time zone", () => {
    assert.equal(at("2026-11-27T12:00:00Z"), "next 2026-11-28T02:00:00.000Z");
    assert.equal(at("2026-11-28T01:59:59Z"), "next 2026-11-28T02:00:00.000Z");
    assert.equal(at("2026-11-28T02:00:00Z"), "open until 2026-11-28T04:00:00.000Z");
    assert.equal(at("2026-11-28T03:59:59Z"), "open until 2026-11-28T04:00:00.000Z");
    assert.equal(at("2026-11-28T04:00:00Z"), "next 2026-12-05T02:00:00.000Z");
    assert.equal(at("2026-07-04T01:30:00Z"), "open until 2026-07-04T03:00:00.000Z", "summer time");
  });

  it("may be several, over midnight, and over each other", () => {
    const nights = { schedule: "0 23 * * *", durationMinutes: 180, timeZone: "UTC" };
    const noons = { schedule: "0 12 1 * *", durationMinutes: 30, timeZone: "UTC" };
    assert.equal(at("2026-11-30T01:00:00Z", nights, noons), "open until 2026-11-30T02:00:00.000Z");
    assert.equal(at("2026-12-01T03:00:00Z", nights, noons), "next 2026-12-01T12:00:00.000Z");
    const long = { schedule: "0 22 30 11 *", durationMinutes: 600, timeZone: "UTC" };
    assert.equal(at("2026-11-30T23:30:00Z", nights, long), "open until 2026-12-01T08:00:00.000Z");
  });

  it("come also on the days that clocks are changed", () => {
    const hour = { schedule: "30 2 * * *", durationMinutes: 15, timeZone: "Europe/Paris" };
    // 02:30 is not there on 2026-03-29, and twice on 2026-10-25.
    assert.match(at("2026-03-28T23:30:00Z", hour), /^next 2026-03-29T01:[03]0/);
    assert.match(at("2026-10-24T23:30:00Z", hour), /^next 2026-10-25T0[01]:30/);
  });

  it("are none where there is no list: then any time will do", () => {
    assert.equal(windowAt([], 0), undefined);
  });

  it("say what is wrong with them", () => {
    for (const schedule of ["0 3 * * SAT", "*/15 1-4 * * 1-5", "0 0 29 2 *", "0 3 1,15 JAN-MAR *"])
      assert.equal(scheduleFault({ schedule }), undefined, schedule);
    for (const schedule of ["61 3 * * *", "0 25 * * *", "0 3 * * FUN", "a b c d e", "0 0 3 * * *", "0 3 * *"])
      assert.match(scheduleFault({ schedule }) ?? "", /^is no schedule: /, schedule);
    assert.equal(scheduleFault({ schedule: "0 0 30 2 *" }), "never comes");
    assert.equal(timeZoneFault({ timeZone: "Europe/Paris" }), undefined);
    assert.match(timeZoneFault({ timeZone: "Europe/Prais" }) ?? "", /is no time zone/);
  });
});
