/** The field's inventory in miniature: both layouts, and the traps that CASES.md names. */
const header = [
  "ENV",
  "IP_PUBLIQUE",
  "HOSTNAME",
  "IP_PRIVEE",
  "FQDN",
  "USER_SSH",
  "POOL",
  "ROLE",
  "SUBROLE",
  "DOCKER_STACK",
  "CORE",
  "NOTES",
];

const row = (
  name: string,
  address: string,
  role: string,
  subrole: string,
  env = "prod",
  user = "root",
): readonly string[] => [env, "", name, address, `${name}.example.com`, user, "main", role, subrole, "", "4", ""];

export const rows = [
  row("db-master-01", "10.0.0.120", "db", "postgres"),
  row("db-slave-01", "10.0.0.121", "db", "postgres"),
  row("db-slave-02", "10.0.0.122", "db", "postgres"),
  row("temporal-db-01", "10.0.0.129", "db", "postgres"),
  row("analytics-db-01", "10.0.0.130", "db", "postgres"),
  row("haproxy-01", "10.0.0.11", "lb", "internal-haproxy"),
  row("haproxy-02", "10.0.0.12", "lb", "internal-haproxy"),
  row("edge-lb-01", "10.0.0.5", "lb", "public"),
  row("db-master-01", "10.9.0.120", "db", "postgres", "staging"),
];

export const tsv = (lines: readonly (readonly string[])[] = rows, head: readonly string[] = header): string =>
  `${[...(head.length === 0 ? [] : [head]), ...lines].map((line) => line.join("\t")).join("\n")}\n`;

/** The older layout: no public address, so the host name is in column 2 and the private address in column 3. */
export const olderRows = rows.map((line) => line.filter((_, index) => index !== 1));
export const olderHeader = header.filter((name) => name !== "IP_PUBLIQUE");

export const asked = {
  file: "inventory/servers.tsv",
  env: "prod",
  db: "db-master-01,db-slave-01,db-slave-02",
  proxies: "role=lb,subrole=internal-haproxy",
} as const;
