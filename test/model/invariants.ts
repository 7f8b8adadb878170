import type { Sight } from "./sight.ts";

/** Who brought it about: pgha by its steps, pgha by those of a removal, or nobody in particular. */
export type Cause = "apply" | "removal" | "person" | "failure" | "time";

/** The world before and after anything happened: a step that a host began or ended, a crash, a second. */
export interface Moment {
  readonly before: Sight;
  readonly after: Sight;
  readonly cause: Cause;
  /** Hosts to which something happened since pgha looked last: of that it can't know. */
  readonly surprises: ReadonlySet<string>;
  /** Of a removal, what it may do. */
  readonly policy?: "Retain" | "Stop" | "Purge";
}

/** What must hold at every moment, in words; `broken` says how it does not. */
export interface Invariant {
  readonly name: string;
  readonly broken: (moment: Moment) => string | undefined;
}

/** What pgha promises of every prefix of every wave, whatever else happens meanwhile. */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: "a majority of voters stays up, as far as it is up to us",
    broken: ({ before, after, cause, surprises }) => {
      const votes = ({ members }: Sight): readonly string[] =>
        members.filter((member) => member.votes || surprises.has(member.name)).map(({ name }) => name);
      return cause === "apply" && votes(before).length >= before.majority && votes(after).length < after.majority
        ? `${votes(after).join(" and ") || "nobody"} is left to vote, of ${votes(before).join(", ")}`
        : undefined;
    },
  },
  {
    name: "there are never two primaries",
    broken: ({ after }) => {
      const primaries = after.members.filter(({ serves, role }) => serves && role === "primary");
      return primaries.length > 1 ? primaries.map(({ name }) => name).join(" and ") : undefined;
    },
  },
  {
    name: "there is never a second cluster",
    broken: ({ before, after }) => {
      const ids = (sight: Sight): ReadonlySet<string> =>
        new Set(sight.members.flatMap(({ systemId }) => systemId ?? []));
      return ids(after).size > 1 && ids(before).size <= 1 ? [...ids(after)].join(" and ") : undefined;
    },
  },
  {
    name: "one member at a time is out of service because of us",
    broken: ({ before, after, cause, surprises }) => {
      const out = after.members.filter(({ name, serves }) => !serves && !surprises.has(name));
      const taken = out.filter(({ name }) => before.members.some((member) => member.name === name && member.serves));
      return cause === "apply" && taken.length > 0 && out.length > 1
        ? out.map(({ name }) => name).join(" and ")
        : undefined;
    },
  },
  { name: "one pooler at a time is out of service because of us", broken: atATime(({ pooler }) => !pooler) },
  { name: "one proxy at a time is out of service because of us", broken: atATime(({ proxy }) => !proxy) },
  {
    name: "one way to the cluster at a time is out of service because of us",
    broken: atATime(({ pooler, proxy }) => !pooler || !proxy),
  },
  {
    name: "no standby has less than its leader needs of it because of us",
    broken: ({ before, after, cause }) =>
      cause === "apply" ? after.tooLow.find((what) => !before.tooLow.includes(what)) : undefined,
  },
  {
    name: "a pooler that we pause ends its pause by itself",
    broken: ({ after }) =>
      after.ways.flatMap(({ host, paused }) => {
        if (paused?.by !== "pgha") return [];
        if (paused.until === undefined) return [`nothing ends it on ${host}`];
        return paused.until < after.clock ? [`it outlived its lease on ${host}`] : [];
      })[0],
  },
  {
    name: "a pooler that another took the place of serves until its time",
    broken: ({ before, after, cause }) =>
      before.ways.flatMap(({ host, former }) => {
        const now = after.ways.find((way) => way.host === host)?.former;
        const isDue = former?.until !== undefined && former.until <= after.clock;
        return cause !== "apply" || former === undefined || isDue || now?.until === (former.until ?? now?.until)
          ? []
          : [`that of ${host} is gone`];
      })[0],
  },
  {
    name: "readers are led past a replica before we take it away, where others serve them",
    broken: ({ before, after, cause, surprises }) => {
      if (cause !== "apply") return undefined;
      const reads = ({ serves, role }: Sight["members"][number]): boolean => serves && role === "replica";
      const taken = before.members.filter(
        (member) =>
          reads(member) &&
          !surprises.has(member.name) &&
          !after.members.some((other) => other.name === member.name && reads(other)),
      );
      return taken.flatMap(({ name }) =>
        before.ways.flatMap(({ host, reads: readers, drained }) => {
          const isLed = [drained, after.ways.find((way) => way.host === host)?.drained].some(
            (one) => one?.member === name,
          );
          return isLed || surprises.has(host) || !readers.includes(name) || readers.length < 2
            ? []
            : [`${host} sent readers to ${name}`];
        }),
      )[0];
    },
  },
  {
    name: "readers that we lead elsewhere come back by themselves",
    broken: ({ after }) =>
      after.ways.flatMap(({ host, drained }) => {
        if (drained === undefined) return [];
        if (drained.until === undefined) return [`nothing leads those of ${drained.member} back on ${host}`];
        return drained.until < after.clock ? [`those of ${drained.member} on ${host} did not`] : [];
      })[0],
  },
  {
    // Not by a removal: what is to stop, stops.
    name: "what a person holds stays held",
    broken: ({ before, after, cause }) => {
      const gone = before.held.filter((what) => !after.held.includes(what));
      return cause === "apply" && gone.length > 0 ? gone.join(", ") : undefined;
    },
  },
  {
    name: "copies are made anew one at a time",
    broken: ({ before, after, cause, surprises }) => {
      const [first] = lostIn({ before, after });
      const others = before.members.filter(
        ({ name, systemId, isRunning }) =>
          name !== first?.name && systemId === undefined && isRunning && !surprises.has(name),
      );
      return cause === "apply" && first !== undefined && others.length > 0
        ? [first, ...others].map(({ name }) => name).join(" and ")
        : undefined;
    },
  },
  {
    name: "nothing is wiped",
    broken: (moment) => {
      const { before, after, cause, policy } = moment;
      const [first] = lostIn({ before, after });
      if (first === undefined || cause === "person" || cause === "failure") return undefined;
      // What is of no use is copied anew from who leads with the same.
      const leads = after.members.some(
        ({ serves, role, systemId }) => serves && role === "primary" && systemId === first.systemId,
      );
      if (cause === "apply" && first.isBroken && leads) return undefined;
      if (cause !== "removal" || policy !== "Purge") return `the data of ${first.name}`;
      const running = before.members.filter(({ isRunning, isReachable }) => isRunning && isReachable);
      if (first.systemId !== before.recorded) return `data on ${first.name} that is not of this cluster`;
      return running.length > 0 ? `the data of ${first.name} while ${running[0]?.name ?? ""} runs` : undefined;
    },
  },
  {
    name: "what others put on a host stays",
    broken: ({ before, after, cause }) => {
      const gone = before.foreign.filter((path) => !after.foreign.includes(path));
      return (cause === "apply" || cause === "removal") && gone.length > 0 ? gone.join(", ") : undefined;
    },
  },
  {
    name: "a removal that is to stop only leaves every file",
    broken: ({ before, after, cause, policy }) =>
      cause === "removal" && policy !== "Purge" && after.files < before.files
        ? `${before.files - after.files} files are gone`
        : undefined,
  },
  {
    name: "nobody is promoted by a removal",
    broken: ({ before, after, policy }) => {
      const leads = after.members.find(({ role, serves }) => serves && role === "primary")?.name;
      const last = before.members.find(({ name }) => name === before.led.at(-1));
      return policy !== undefined && last?.isStopped === true && leads !== undefined && leads !== last.name
        ? `${leads}, since ${last.name} was stopped`
        : undefined;
    },
  },
];

/** Members that do not hold any more what they held. */
function lostIn({ before, after }: Pick<Moment, "before" | "after">): Sight["members"] {
  return before.members.filter(
    ({ name, systemId }) =>
      systemId !== undefined && after.members.find((member) => member.name === name)?.systemId !== systemId,
  );
}

/** Of the hosts that lead clients to the cluster. What was out of service before counts. */
function atATime(isOut: (way: Sight["ways"][number]) => boolean): Invariant["broken"] {
  return ({ before, after, cause, surprises }) => {
    if (cause !== "apply") return undefined;
    const out = after.ways.filter((way) => isOut(way) && !surprises.has(way.host));
    const taken = out.filter(({ host }) => before.ways.some((way) => way.host === host && !isOut(way)));
    return taken.length > 0 && out.length > 1 ? out.map(({ host }) => host).join(" and ") : undefined;
  };
}
