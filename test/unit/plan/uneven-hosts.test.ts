import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import type { MountFact, SystemFact } from "../../../src/facts/types.ts";
import { unevenHosts } from "../../../src/plan/uneven-hosts.ts";

type Facts = { readonly system: SystemFact; readonly mount: MountFact };

function told(
  hosts: Readonly<Record<string, readonly [memoryMiB: number, volumeMiB: number]>>,
  priorities: Readonly<Record<string, number>> = {},
): readonly string[] {
  const looks = new Map<string, Look<Facts>>(
    Object.entries(hosts).map(([host, [memoryMiB, sizeMiB]]) => [
      host,
      { seen: true, host, facts: { system: { memoryMiB }, mount: { mounted: true, sizeMiB } } as Facts },
    ]),
  );
  return unevenHosts("x", looks, (host) => priorities[host] ?? 1).warnings.map(({ message }) => message);
}

const LARGER: Readonly<Record<string, readonly [number, number]>> = { a: [8000, 100], b: [4000, 100], c: [4000, 100] };

describe("hosts of unequal size", () => {
  it("are no matter when they are about alike", () => {
    assert.deepEqual(told({ a: [4000, 100], b: [4100, 110] }), []);
    assert.deepEqual(told({ a: [4000, 100] }), []);
  });

  it("are told, with who should lead before whom", () =>
    assert.deepEqual(told(LARGER), [
      "memory differs: a 8000 MiB, b 4000 MiB, c 4000 MiB; give a a higher failoverPriority than b, or b 0; " +
        "give a a higher failoverPriority than c, or c 0",
    ]));

  it("are not told once failoverPriority says what is advised", () => {
    assert.deepEqual(told(LARGER, { a: 2 }), []);
    assert.deepEqual(told(LARGER, { b: 0, c: 0 }), []);
    assert.deepEqual(told(LARGER, { a: 3, b: 2 }), []);
  });

  it("are told where it says so of some, or the other way round", () => {
    assert.deepEqual(told(LARGER, { c: 0 }), [
      "memory differs: a 8000 MiB, b 4000 MiB, c 4000 MiB; give a a higher failoverPriority than b, or b 0",
    ]);
    assert.equal(told(LARGER, { b: 2 }).length, 1);
    assert.equal(told(LARGER, { a: 0 }).length, 1);
  });

  it("that no order suits are told to be made alike", () => {
    const contrary: typeof LARGER = { a: [8000, 100], b: [4000, 200] };
    const messages = told(contrary, { a: 2 });
    assert.equal(messages.length, 2);
    for (const message of messages) assert.match(message, /neither order of failoverPriority suits: make them alike$/);
    assert.deepEqual(told(contrary, { b: 0 }), []);
  });
});
