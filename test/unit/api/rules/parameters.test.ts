import { DB, testCases, type Case } from "../cases.ts";
import type { Stack } from "../stack.ts";

const set = (name: string, value: number | string) => (stack: Stack) => {
  stack.cluster.spec.postgresql.parameters = { max_connections: 200, [name]: value };
};
const at = (name: string) => [`${DB} spec.postgresql.parameters.${name}`];
const refused = (name: string, value: number | string, says?: RegExp): Case => ({
  reason: `${name}: ${JSON.stringify(value)} is refused`,
  spoil: set(name, value),
  problems: at(name),
  ...(says === undefined ? {} : { says }),
});
const accepted = (name: string, value: number | string): Case => ({
  reason: `${name}: ${JSON.stringify(value)} is accepted`,
  spoil: set(name, value),
});

testCases([
  refused("port", 5433, /spec\.postgresql\.port/),
  refused("listen_addresses", "*"),
  refused("data_directory", "/x"),
  refused("cluster_name", "x", /Patroni/),
  refused("hot_standby", "off"),
  refused("primary_conninfo", "host=x", /Patroni/),
  refused("restore_command", "true"),
  refused("recovery_target_time", "now"),
  refused("synchronous_standby_names", "*"),
  refused("include_dir", "/etc"),
  refused("hba_file", "/x"),
  refused("wal_level", "minimal", /replicas/),
  refused("password_encryption", "md5", /SCRAM/),
  { ...refused("max_connections", 10, /Patroni ignores/), warnings: at("max_connections") },
  refused("max_replication_slots", "many", /Patroni ignores/),
  refused("search_path", "a\nb", /line end/),
  refused("search_path", "a\u0000b", /control character/),
  refused("search_path", "\ud800", /Unicode/),
  refused("work_mem", 2 ** 60, /too large/),
  accepted("wal_level", "logical"),
  accepted("password_encryption", "scram-sha-256"),
  accepted("archive_command", "test ! -f /mnt/'%f' && cp %p \"/mnt/%f\" # $(x)"),
  accepted("archive_mode", "on"),
  accepted("ssl_cert_file", "/etc/ssl/certs/db.pem"),
  accepted("pg_stat_statements.track", "all"),
  accepted("log_line_prefix", "%m [%p] é "),
  { reason: "an upper-case name is refused", spoil: set("Work_Mem", 1), problems: at("Work_Mem") },
  {
    reason: "a name with a quote in it is refused, and its path quotes it",
    spoil: set("a'b", 1),
    problems: [`${DB} spec.postgresql.parameters["a'b"]`],
  },
  {
    reason: "a name that breaks out of its line is refused",
    spoil: set("a = 1\nb", 1),
    problems: [`${DB} spec.postgresql.parameters["a = 1\\nb"]`],
  },
  { reason: "fsync off is warned of", spoil: set("fsync", "off"), warnings: at("fsync"), says: /power cut/ },
  { reason: "a likely slip is warned of", spoil: set("max_connection", 200), warnings: at("max_connection") },
  { reason: "neighbours of well-known settings are no slip", spoil: set("wal_buffers", "16MB") },
]);
