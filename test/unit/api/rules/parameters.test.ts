import assert from "node:assert/strict";
import { test } from "node:test";
import { DB, testCases, type Case } from "../cases.ts";
import { hostKey, judge, type Stack } from "../stack.ts";

const set = (name: string, value: number | string) => (stack: Stack) => {
  stack.cluster.spec.postgresql.parameters = { max_connections: 200, [name]: value };
};
const at = (name: string) => [
  name.includes(".") ? `${DB} spec.postgresql.parameters["${name}"]` : `${DB} spec.postgresql.parameters.${name}`,
];
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
  {
    reason: "a setting of a library that nobody preloads is warned of",
    spoil: set("auto_explain.log_min_duration", "250ms"),
    warnings: at("auto_explain.log_min_duration"),
    says: /auto_explain is not preloaded/,
  },
  accepted("log_line_prefix", "%m [%p] é "),
  { reason: "an upper-case name is refused", spoil: set("Work_Mem", 64), problems: at("Work_Mem") },
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
  { reason: "neighbours of well-known settings are no slip", spoil: set("wal_buffers", "16MB") },
  refused("work_mem", "64mb", /unit/),
  refused("work_mem", "banana", /no number/),
  refused("work_mem", "64 mb", /unit/),
  refused("work_mem", "1h", /unit/),
  refused("work_mem", 63, /63 kB .*range/),
  refused("work_mem", "4TB", /range/),
  refused("work_mem", "", /no number/),
  refused("log_statement", "everything", /none of its values/),
  refused("random_page_cost", "1,1", /no number/),
  refused("random_page_cost", "-1", /range/),
  refused("statement_timeout", "5 parsecs", /unit/),
  refused("statement_timeout", "-2", /range/),
  refused("max_parallel_workers", "4kB", /takes none/),
  refused("autovacuum", "enabled", /neither on nor off/),
  refused("jit", "o", /neither/),
  refused("hash_mem_multiplier", "1.x"),
  refused("checkpoint_completion_target", "1.5", /range/),
  refused("log_destination", "sderr", /sderr/),
  refused("datestyle", "ISO, DMY, MDY", /two things/),
  refused("datestyle", "ISSO"),
  refused("timezone", "Europe/Berln", /no time zone/),
  refused("log_timezone", "Mars/Phobos"),
  refused("shared_preload_libraries", "pg_stat_statements,,auto_explain", /empty/),
  refused("lc_messages", "de DE"),
  refused("wal_consistency_checking", "foo"),
  refused("client_encoding", "UTF9", /character set/),
  refused("application_name", "é", /ASCII/),
  refused("backtrace_functions", "a;b"),
  refused("default_table_access_method", ""),
  refused("restrict_nonsystem_relation_kind", "table"),
  refused("max_stack_depth", "100MB", /stack/),
  refused("min_wal_size", "16MB", /two segments/),
  refused("max_wal_size", "31MB", /two segments/),
  refused("bonjour", "on"),
  { ...refused("superuser_reserved_connections", 500, /leaves no connection/), warnings: at("max_connections") },
  {
    reason: "settings that PostgreSQL does not start with together are refused",
    spoil: ({ cluster }) => {
      cluster.spec.postgresql.parameters = {
        max_connections: 100,
        log_statement_stats: "on",
        log_parser_stats: "on",
        archive_command: "true",
        archive_library: "basic_archive",
        ssl_min_protocol_version: "TLSv1.3",
        ssl_max_protocol_version: "TLSv1.2",
      };
    },
    problems: ["log_parser_stats", "archive_library", "ssl_min_protocol_version"].flatMap(at),
    says: /log_statement_stats/,
  },
  {
    reason: "fewer senders and slots than there are replicas are refused",
    spoil: ({ cluster }) => {
      cluster.spec.hosts = Array.from({ length: 5 }, (_, index) => ({
        name: `db-${index}`,
        address: `10.0.0.${100 + index}`,
        hostKey: hostKey(index + 1),
      }));
      cluster.spec.postgresql.parameters = { max_connections: 200, max_wal_senders: 3, max_replication_slots: 4 };
    },
    problems: at("max_wal_senders"),
    says: /4 replicas/,
  },
  accepted("allow_alter_system", "off"),
  accepted("client_encoding", "sjis"),
  accepted("wal_consistency_checking", "heap, btree"),
  accepted("max_stack_depth", "7680kB"),
  accepted("max_wal_size", "32MB"),
  refused("local_preload_libraries", "$libdir/auto_explain", /no plugin/),
  accepted("local_preload_libraries", "auto_explain, $libdir/plugins/mine"),
  refused("search_path", "a b"),
  refused("log_line_prefix", "%m %y", /stands for nothing/),
  refused("block_size", 8192, /can't be set/),
  refused("transaction_isolation", "serializable", /can't be set/),
  refused("max_connection", 200, /no such setting/),
  refused("work_men", "64MB", /no such setting/),
  refused("io_method", "worker", /no such setting/),
  refused("promote_trigger_file", "/x"),
  refused("auto_explain.log_min_durations", "1s", /no such setting/),
  refused("auto_explian.log_min_duration", "1s", /no extension's/),
  refused("pg_trgm.similarity_threshold", "2", /range/),
  refused("hnsw.ef_serch", 40, /no such setting/),
  refused("hnsw.ef_search", 0, /range/),
  {
    reason: "modes are refused unless quoted, since YAML gives another number",
    spoil: set("log_file_mode", 416),
    problems: [`${DB} spec.postgresql.parameters`],
    says: /octal/,
  },
  refused("log_file_mode", "640", /range/),
  accepted("log_file_mode", "0640"),
  accepted("unix_socket_permissions", "0770"),
  ...[
    ["work_mem", "64MB"],
    ["work_mem", "1.5GB"],
    ["work_mem", " 64 MB "],
    ["work_mem", "65536B"],
    ["work_mem", 65_536],
    ["work_mem", "0x10000"],
    ["work_mem", "1e3"],
    ["shared_buffers", "1GB"],
    ["statement_timeout", "1.5h"],
    ["statement_timeout", "250us"],
    ["statement_timeout", 0],
    ["log_rotation_age", "1d"],
    ["random_page_cost", "1.1"],
    ["random_page_cost", ".5"],
    ["vacuum_cost_delay", "500us"],
    ["autovacuum", "t"],
    ["autovacuum", "ON"],
    ["autovacuum", 1],
    ["synchronous_commit", "true"],
    ["client_min_messages", "debug"],
    ["default_transaction_isolation", "read committed"],
    ["wal_compression", "zstd"],
    ["datestyle", "ISO, DMY"],
    ["datestyle", "German"],
    ["timezone", "europe/berlin"],
    ["timezone", "UTC"],
    ["timezone", "<+03>-03"],
    ["log_destination", "stderr, csvlog"],
    ["search_path", '"$user", public'],
    ["lc_messages", "C.UTF-8"],
    ["log_line_prefix", "%m [%p] %-20u %%"],
    ["zero_damaged_pages", "off"],
    ["pg_trgm.similarity_threshold", "0.4"],
    ["hnsw.ef_search", 100],
    ["plpgsql.extra_warnings", "all"],
  ].map(([name, value]) => accepted(String(name), value ?? "")),
  {
    reason: "an unknown first word is told to be for applications only",
    spoil: set("myapp.tenant", "x"),
    warnings: at("myapp.tenant"),
    says: /applications/,
  },
  {
    reason: "settings of a library that is preloaded are accepted without a word",
    spoil: (stack) => {
      stack.cluster.spec.postgresql.parameters = {
        shared_preload_libraries: "pg_cron,auto_explain",
        "cron.database_name": "postgres",
        "auto_explain.log_min_duration": "1s",
      };
    },
  },
]);

test("a slip in a name gets the name that was meant, in any letter case", () => {
  for (const [written, meant] of [
    ["work_men", "work_mem"],
    ["Work_Mem", "work_mem"],
    ["TimeZone", "timezone"],
    ["WORK_MEN", "work_mem"],
    ["workmem", "work_mem"],
    ["max_wal_sise", "max_wal_size"],
    ["autoexplain.log_min_duration", "auto_explain"],
  ]) {
    const { problems } = judge(set(written ?? "", "1"));
    assert.match(problems[0]?.wayOut ?? "", new RegExp(`\\b${meant}\\b`), written);
  }
});

test("what another major has is told to be another's", () => {
  const { problems } = judge((stack) => {
    stack.cluster.spec.postgresql.version = 15;
    stack.cluster.spec.postgresql.parameters = { io_method: "worker", vacuum_defer_cleanup_age: 0 };
  });
  assert.deepEqual(
    problems.map(({ wayOut }) => wayOut),
    ["leave it out: PostgreSQL has it in 18"],
  );
});

test("a wrong unit gets the right one", () => {
  assert.match(judge(set("work_mem", "64mb")).problems[0]?.wayOut ?? "", /did you mean 64MB\?/);
  assert.match(judge(set("statement_timeout", "5S")).problems[0]?.wayOut ?? "", /did you mean 5s\?/);
});
