import { list } from "../text/words.ts";
import type { Impact, Step } from "./plan.ts";

/** What people notice of a change, and how much that is. */
export interface Notice {
  readonly impact: Impact;
  readonly words: string;
}

const noticed = (words: string): Notice => ({ impact: "noticed", words });
const restart = (words: string): Notice => ({ impact: "restart", words });
const onlySaid = (words: string): Notice => ({ impact: "none", words });

/** Every word that a plan has for who notices what. Whoever plans a change looks up here what to say. */
export const NOTICES = {
  poolerRestarts: () => restart("every client that is connected through this PgBouncer is disconnected"),
  poolerDrains: (time: string) =>
    restart(
      `clients that are connected through this PgBouncer stay so for up to ${time}, new ones come to its new ` +
        "process; who is connected still is disconnected then, between two transactions",
    ),
  poolerMoves: (port: string, time: string) =>
    restart(
      `clients of port ${port} are served there for ${time} more, new ones among them; who is connected there still ` +
        "is disconnected then, between two transactions, and refused from then on",
    ),
  proxyRestarts: () => restart("every client that is connected through this HAProxy is disconnected"),
  placesLeft: (places: readonly string[]) =>
    noticed(`new clients of ${list(places)} are refused from then on; those connected stay until they leave`),
  portLeft: (port: string) => noticed(`clients of port ${port} are refused from then on`),
  roleRefused: (role: string) => noticed(`clients that log in as ${role} are refused from then on`),
  databaseRefused: (database: string) => noticed(`clients of the database ${database} are refused from then on`),
  startupOptionRefused: (option: string) => noticed(`clients that ask for ${option} at their start are refused`),
  loginsRefused: (logins: readonly string[], beside: readonly string[]) =>
    noticed(
      `new logins ${list(logins)} are refused from then ` +
        `on${beside.length === 0 ? "" : `, beside those ${list(beside)}`}`,
    ),
  loginsAsked: (logins: readonly string[], way: string, before: string) =>
    noticed(`new logins ${list(logins)} are let in ${way} from then on, and no more ${before}`),
  loginsAskedOtherwise: (logins: readonly string[], way: string) =>
    noticed(`new logins ${list(logins)} are let in ${way} still, with other options`),
  withoutTlsRefused: () => noticed("clients that do not use TLS are refused from then on"),
  connectionsFewer: (most: string, until: string) =>
    noticed(`at most ${most} clients may be connected (until now ${until}); more have to wait or are refused`),
  lostLater: (longest: string, until: string) =>
    noticed(`a server that hangs is given clients for up to ${longest} (until now ${until})`),
  poolSmaller: (setting: string, most: string, until: string) =>
    noticed(`${setting} goes from ${until} to ${most}: where more work at a time, clients wait for their turn`),
  cutAfter: (what: string, limit: string) => noticed(`${what} longer than ${limit} from then on`),
  modeLeaves: (mode: string) =>
    noticed(
      `with pool mode ${mode} nothing of a session lasts beyond a ${mode}: SET, LISTEN, advisory locks, ` +
        "temporary tables",
    ),
  modeHolds: (mode: string) =>
    noticed(`with pool mode ${mode} a client keeps its server connection for the whole ${mode}; others wait for one`),
  preparedFails: () => noticed("prepared statements of drivers fail from then on"),
  loginTaken: (role: string) => noticed(`${role} cannot log in any more`),
  rightTaken: (role: string, right: string) => noticed(`${role} is no longer allowed: ${right}`),
  membershipTaken: (role: string, group: string) => noticed(`${role} loses what it may do through ${group}`),
  passwordChanged: (role: string) =>
    noticed(`new logins of ${role} with the old password are refused; sessions that are open stay`),
  roleLimit: (role: string, most: number) => noticed(`${role} may have ${most} connections; more are refused`),
  databaseLimit: (database: string, most: number) => noticed(`${database} takes ${most} connections; more are refused`),
  ownerChanged: (database: string, before: string, owner: string) =>
    noticed(`${database} belongs to ${owner}: ${before} keeps only what it was granted there, and what it owns inside`),
  unitStopped: (units: readonly string[]) => noticed(`${list(units)} stops, and does not start again`),
  othersKeptOut: () =>
    noticed("whoever comes from none of these networks is kept out from then on; what is open stays"),
  passwordsRefused: () => noticed("who logs in to the host by a password is refused from then on"),
  timezoneChanges: () => onlySaid("what runs already keeps the old time zone until it is restarted"),
  removed: (): Notice => ({
    impact: "disruptive",
    words: "whoever is connected to it is disconnected, and nobody is served by it from then on",
  }),
  secretLeadsElsewhere: () => onlySaid("what reads this Secret goes where it leads from then on"),
  secretChanged: () => onlySaid("what reads this Secret has to read it again: the old password is refused soon after"),
  replicaRestarts: (readers: ReadersLeave) => restart(`sessions on this replica end; ${readersInWords(readers)}`),
  /** `readers`: of one that serves them. */
  replicaCopied: (leader: string, readers?: ReadersLeave) =>
    restart(
      `sessions on this replica end${readers === undefined ? "" : `; ${readersInWords(readers)}`}; ` +
        `${leader} is read from one end to the other for the copy`,
    ),
  /** `leaves`: its Patroni ends as well, and gives the lead to another. */
  leaderRestarts: (leaves: boolean): Notice => ({
    impact: "disruptive",
    words: leaves
      ? "every session on the leader ends, and writes stand still until another member leads, some seconds later"
      : "every session on the leader ends, and writes stand still for some seconds",
  }),
  /** `waiting`: hosts whose PgBouncer has its clients wait; `cut`: pools that cannot. */
  leaderChanges: (waiting: readonly string[], cut: readonly string[], readers: ReadersLeave): Notice => ({
    impact: "disruptive",
    words: [
      ...(waiting.length === 0
        ? ["every session on the leader ends, and writes stand still until another leads, some seconds later"]
        : [
            `clients of PgBouncer on ${list(waiting)} wait for about a second, and nothing of theirs fails`,
            "sessions that go past it, to HAProxy or the leader, end",
          ]),
      ...(cut.length === 0 ? [] : [`${list(cut)} pools by session: its clients are disconnected`]),
      ...(readers.drained.length === 0 ? [] : [`of who is to lead, ${readersInWords(readers)}`]),
    ].join("; "),
  }),
  commitsWait: () => noticed("each commit waits for a standby from then on"),
  writesStopWithoutStandby: () => noticed("writes stop whenever no standby is in sync"),
  writesRefused: () => noticed("transactions may only read from then on, unless they ask to write"),
} as const satisfies Readonly<Record<string, (...about: never[]) => Notice>>;

/** What becomes of those who read from a member through HAProxy before it is worked on. */
export interface ReadersLeave {
  /** Proxy hosts that lead them to other replicas. */
  readonly drained: readonly string[];
  /** Those that do not: they cannot be looked at, or are told not to. */
  readonly cut: readonly string[];
  /** How long they may take. */
  readonly seconds: number;
  /** Whether there is another replica to serve them. */
  readonly others: boolean;
}

function readersInWords({ drained, cut, seconds, others }: ReadersLeave): string {
  if (!others) return "no other replica serves readers of HAProxy meanwhile";
  return [
    ...(drained.length === 0
      ? []
      : [
          `readers through HAProxy on ${list(drained)} go to other replicas first, and only sessions that stay for ` +
            `longer than ${seconds} s are disconnected`,
        ]),
    ...(cut.length === 0 ? [] : [`readers through HAProxy on ${list(cut)} are disconnected, and served by others`]),
    ...(drained.length + cut.length === 0 ? ["others serve its readers"] : []),
  ].join("; ");
}

const WEIGHT: readonly Impact[] = ["none", "reload", "noticed", "restart", "disruptive"];

/** The gravest of a step's own impact and what is noticed of it, with the words. */
export function noticing(impact: Impact, notices: readonly Notice[]): Pick<Step, "impact" | "noticed"> {
  const words = notices.map((notice) => notice.words).join("; ");
  return {
    impact: [impact, ...notices.map((notice) => notice.impact)].reduce((one, other) =>
      WEIGHT.indexOf(other) > WEIGHT.indexOf(one) ? other : one,
    ),
    ...(words === "" ? {} : { noticed: words }),
  };
}
