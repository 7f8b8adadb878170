import { blocker, isDown, knowsCluster } from "./member-facts.ts";
import type { FactsOf, MemberFacts, MembersWish } from "./member-facts.ts";
import type { Blocker } from "./plan.ts";

export function dataBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  return wish.members.flatMap((member): Blocker[] => {
    const seen = facts(member.name);
    if (seen === undefined) return [];
    const running = runningMajor(seen);
    if (running !== undefined && running !== wish.majorVersion) {
      return [
        blocker(
          wish,
          member.name,
          "MajorVersionMismatch",
          `PostgreSQL ${running} runs there, the spec asks for ${wish.majorVersion}`,
          `Set spec.postgresql.version to ${running}; pgha does not upgrade data directories.`,
        ),
      ];
    }
    const { class: state, entries, majorVersion } = seen.dataDirectory;
    if (seen.unit.activeState === "active" && state !== "valid") return [];
    if (state === "noise") {
      return [
        blocker(
          wish,
          member.name,
          "DataDirectoryNotEmpty",
          `${wish.dataDirectory} holds no database but is not empty: ${entries.slice(0, 5).join(", ")}; ` +
            "initdb would refuse it",
          `Look at what is in ${wish.dataDirectory}, and move it away.`,
        ),
      ];
    }
    if (state === "partial") {
      return [
        blocker(
          wish,
          member.name,
          "DataDirectoryPartial",
          `${wish.dataDirectory} holds a part of a database (${entries.slice(0, 5).join(", ")}), as an ` +
            "interrupted initdb or copy leaves it",
          `If another member holds the data, or there never was any, move ${wish.dataDirectory} away; pgha ` +
            "does not delete it.",
        ),
      ];
    }
    if (state === "valid" && majorVersion !== undefined && majorVersion !== wish.majorVersion) {
      return [
        blocker(
          wish,
          member.name,
          "MajorVersionMismatch",
          `${wish.dataDirectory} was made by PostgreSQL ${majorVersion}, the spec asks for ${wish.majorVersion}`,
          "Set spec.postgresql.version to the version of the data; pgha does not upgrade data directories.",
        ),
      ];
    }
    return [];
  });
}

/** What PostgreSQL itself says, else Patroni of it: 170004 is 17. */
function runningMajor({ sql, patroni }: MemberFacts): number | undefined {
  const version = sql?.serverVersion ?? patroni.member?.serverVersion;
  return version === undefined || version === 0 ? undefined : Math.floor(version / 10_000);
}

/** F05, F08, F95: data with another system identifier is somebody else's. */
export function identityBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  const found = wish.members.flatMap((member) => {
    const seen = facts(member.name);
    const systemId = seen?.dataDirectory.systemId ?? seen?.patroni.member?.systemId;
    return systemId === undefined ? [] : [{ name: member.name, systemId }];
  });
  const expected = wish.systemId ?? found[0]?.systemId;
  return found
    .filter((member) => member.systemId !== expected)
    .map((member) =>
      blocker(
        wish,
        member.name,
        "SystemIdMismatch",
        `its data has system identifier ${member.systemId}, ` +
          `${wish.systemId === undefined ? `that on ${found[0]?.name ?? "?"}` : "this cluster"} has ${expected ?? "?"}`,
        "This is the data of another cluster. Mount the right volume, or move that data directory away yourself.",
      ),
    );
}

/** The DCS knows a cluster of which nobody holds data. */
export function traceBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  return wish.members.flatMap((member) => {
    const traces = facts(member.name)?.dcs.traces ?? [];
    return traces.length === 0
      ? []
      : [
          {
            resource: wish.resource,
            host: member.name,
            scope: "everything",
            ...wish.dcs.tracesLeft(traces),
          },
        ];
  });
}

/** Fewer members than a quorum know of the cluster, so that it takes ignorant ones to elect a leader. */
export function minorityBlockers(wish: MembersWish, facts: FactsOf): Blocker[] {
  const knowing = wish.members.filter((member) => knowsCluster(wish, facts(member.name)));
  const ignorant = wish.members.filter((member) => isDown(facts(member.name)) && !knowing.includes(member));
  if (knowing.length === 0 || ignorant.length === 0 || knowing.length > wish.members.length / 2) return [];
  const names = (members: MembersWish["members"]): string => members.map((member) => member.name).join(", ");
  return [
    blocker(
      wish,
      undefined,
      "DataOnMinority",
      `only ${names(knowing)} of ${wish.members.length} members hold data or ${wish.dcs.trace}; ` +
        `${names(ignorant)} would make the quorum, and might bootstrap an empty cluster`,
      "Mount the volumes that hold the other members' data. If they are lost for good, this is a recovery " +
        "by hand: docs/operations.md, DataOnMinority.",
    ),
  ];
}
