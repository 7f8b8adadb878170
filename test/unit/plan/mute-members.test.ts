import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MemberFacts } from "../../../src/plan/member-facts.ts";
import { planMembers } from "../../../src/plan/members.ts";
import { ID, looks, running, STOPPED, UNIT, waiting, WISH } from "./member-facts.ts";

const KNOWN = { ...WISH, systemId: ID };

describe("a member whose Patroni does not come up, though somebody leads", () => {
  const mute = (restarts: number, activeState = "active"): MemberFacts => ({
    ...STOPPED,
    unit: { ...UNIT, activeState, restarts },
  });
  const waitsWith = (member: MemberFacts) =>
    planMembers(KNOWN, looks(running("primary", ["db-3"]), member, running("replica"))).waits;

  it("is told apart from one that is about to stream: it is started again and again, or says nothing", () => {
    const [looping, ...more] = waitsWith(mute(3, "activating"));
    assert.deepEqual([looping?.reason, looping?.host, more], ["MemberLooping", "db-2", []]);
    assert.match(looping?.wayOut ?? "", /pysyncobj.* && mv \/data\/raft \/data\/raft.damaged && /);
    assert.ok((looping?.deadlineSeconds ?? Infinity) <= 60);
    const [silent] = waitsWith(mute(0));
    assert.equal(silent?.reason, "PatroniNotAnswering");
    assert.match(silent?.wayOut ?? "", /mv \/data\/raft /);
    // One that answers is waited for as long as a base backup takes.
    const [copying] = waitsWith(waiting());
    assert.deepEqual([copying?.reason, copying?.deadlineSeconds], ["ReplicaNotStreaming", 1800]);
  });
});
