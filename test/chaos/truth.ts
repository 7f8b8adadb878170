import type { Sample } from "./samples.ts";

/** What of a spec can be seen on hosts from outside. */
export interface Declared {
  readonly hosts: readonly { readonly name: string }[];
  readonly postgresql?: { readonly parameters?: Readonly<Record<string, string | number>> };
  readonly patroni?: { readonly synchronousMode?: string };
  readonly roles?: readonly { readonly name: string }[];
  readonly databases?: readonly { readonly name: string }[];
  readonly maxConnections?: number;
  readonly defaultPoolSize?: number;
}

export type Kind = "PostgresHACluster" | "HAProxyPool" | "PgBouncerPool";

/** Of each host the last it said; nothing where it does not answer. */
export type Samples = ReadonlyMap<string, Sample["facts"] | undefined>;

/** What is not as declared, each in the same words as long as it lasts: with it, Ready would not be true. */
export function falsehoods(kind: Kind, declared: Declared, samples: Samples): readonly string[] {
  const said = declared.hosts.flatMap(({ name }) => {
    const facts = samples.get(name);
    return facts === undefined ? [`${name} does not answer`] : OF_A_HOST[kind](name, facts, declared, samples);
  });
  return kind === "PostgresHACluster" ? [...said, ...ofTheCluster(declared, samples)] : said;
}

/** Who takes writes, by what members say of themselves. */
export function leadersOf(samples: Samples): readonly string[] {
  return [...samples].flatMap(([name, facts]) => (facts?.["recovery"] === "f" ? [name] : []));
}

const OF_A_HOST: Readonly<
  Record<Kind, (host: string, facts: Sample["facts"], declared: Declared, samples: Samples) => readonly string[]>
> = {
  PostgresHACluster: ofAMember,
  HAProxyPool: ofAProxy,
  PgBouncerPool: ofAPooler,
};

function ofAMember(host: string, facts: Sample["facts"], { postgresql }: Declared): readonly string[] {
  const { active, edited_patroni: edited, rest = "", recovery, receives, ...values } = facts;
  if (recovery === undefined) return [`${host}: PostgreSQL does not answer`];
  const parameters = Object.entries(postgresql?.parameters ?? {}).filter(([name]) => ASKED.has(name));
  return [
    ...unless(active === "active", `${host}: Patroni is ${active}`),
    ...unless(edited === "0", `${host}: patroni.yml is edited`),
    ...unless(rest.startsWith("{"), `${host}: Patroni does not answer`),
    ...unless(!rest.includes("by_hand"), `${host}: Patroni runs with what was edited`),
    ...unless(recovery === "f" || receives === "streaming", `${host}: it leads nobody and follows nobody`),
    ...parameters.flatMap(([name, value]) => unless(values[name] === `${value}`, `${host}: ${name} is not ${value}`)),
  ];
}

const ASKED: ReadonlySet<string> = new Set(["work_mem", "max_connections"]);

function ofTheCluster({ hosts, patroni, roles = [], databases = [] }: Declared, samples: Samples): readonly string[] {
  const leaders = leadersOf(samples);
  const [leader = ""] = leaders;
  const facts = samples.get(leader);
  const systems = new Set(hosts.flatMap(({ name }) => samples.get(name)?.["system"] ?? []));
  if (leaders.length !== 1 || facts === undefined) return [`${leaders.length} lead`];
  const missing = (what: string, wanted: readonly { readonly name: string }[]): readonly string[] => {
    const there = new Set((facts[what] ?? "").split(","));
    return wanted.flatMap(({ name }) => unless(there.has(name), `${what} lack ${name}`));
  };
  return [
    ...unless(systems.size === 1, `${systems.size} system ids`),
    ...unless(patroni?.synchronousMode !== "enabled" || facts["synchronous"] !== "0", "nobody follows synchronously"),
    ...missing("roles", roles),
    ...missing("databases", databases),
  ];
}

function ofAProxy(host: string, facts: Sample["facts"], declared: Declared, samples: Samples): readonly string[] {
  const limit = declared.maxConnections;
  return [
    ...unless(facts["haproxy"] === "active", `${host}: HAProxy is ${facts["haproxy"]}`),
    ...unless(facts["edited_haproxy"] === "0", `${host}: haproxy.cfg is edited`),
    ...unless(facts["writes"] === leadersOf(samples).join(" "), `${host}: HAProxy leads writes elsewhere`),
    // A few more are for its own page.
    ...unless(limit === undefined || facts["maxconn"] === `${limit + 20}`, `${host}: maxconn is not ${limit}`),
  ];
}

function ofAPooler(host: string, facts: Sample["facts"], { defaultPoolSize: size }: Declared): readonly string[] {
  return [
    ...unless(facts["pgbouncer"] === "active", `${host}: PgBouncer is ${facts["pgbouncer"]}`),
    ...unless(facts["edited_pgbouncer"] === "0", `${host}: pgbouncer.ini is edited`),
    ...unless(facts["client"] === "f", `${host}: no client can write through PgBouncer`),
    ...unless(
      size === undefined || facts["default_pool_size"] === `${size}`,
      `${host}: default_pool_size is not ${size}`,
    ),
  ];
}

function unless(holds: boolean, said: string): readonly string[] {
  return holds ? [] : [said];
}
