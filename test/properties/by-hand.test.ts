import { test } from "node:test";
import { convergedWorld } from "../model/converge.ts";
import { HAPPENINGS } from "../model/happenings.ts";
import { COMMAND_LINE, OPERATOR, rehearse } from "../model/rehearsal.ts";
import { worldOf } from "../model/worlds.ts";

const converged = await convergedWorld();

/** Where each service runs. */
const HOSTS = { patroni: "db-slave-01", haproxy: "proxy-01", pgbouncer: "proxy-02" } as const;

for (const [service, host] of Object.entries(HOSTS))
  for (const planner of [COMMAND_LINE, OPERATOR])
    test(`by ${planner.name}, Ready is never over a ${service} that has read what somebody wrote into its files`, async () => {
      const edits = Object.keys(HAPPENINGS).filter((what) => what.includes(" edited, and ") && what.includes(service));
      const script = { happenings: edits.map((what) => ({ what, host })), chance: 0 };
      await rehearse(
        await worldOf(converged, { led: "db-master-01", edits: [], asked: false, switchover: "none" }),
        script,
        planner,
      );
    });
