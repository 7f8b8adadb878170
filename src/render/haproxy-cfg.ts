import { HAPROXY } from "../desired/services.ts";
import { bracketed, hostPort } from "./address.ts";
import { digest16 } from "./digest.ts";
import { addressFault, countFault, labelFault, networkFault, portFault } from "./faults.ts";
import { formatTimes, haproxyTimes } from "./haproxy-times.ts";
import { each, refuseFaults } from "./refusal.ts";
import type { Finding } from "./refusal.ts";

/** Names of the backends, as the runtime socket shows them. */
export const HAPROXY_BACKENDS = { write: "postgres_write", read: "postgres_read" } as const;

export interface HAProxyInput {
  /** All members of the cluster: each is in both backends, whatever it is today (F42). */
  readonly members: readonly { readonly name: string; readonly address: string }[];
  readonly postgresqlPort: number;
  readonly restApiPort: number;
  /** Addresses to listen on; loopback among them where a pooler runs on the same host (F44). */
  readonly bindAddresses: readonly string[];
  readonly ports: { readonly write: number; readonly read: number; readonly stats: number };
  /** Networks (CIDR) that may see the statistics. Loopback always may. Hosts by name can't be listed here. */
  readonly statsNetworks: readonly string[];
  readonly checks: {
    readonly intervalMs: number;
    readonly fastIntervalMs: number;
    readonly downIntervalMs: number;
    readonly rise: number;
    readonly fall: number;
  };
  readonly timeouts: {
    readonly connectSeconds: number;
    readonly checkSeconds: number;
    readonly clientSeconds: number;
    readonly serverSeconds: number;
  };
  readonly maxConnections: number;
}

export interface RenderedHAProxy {
  readonly content: string;
  /** What `show info` gives as description once this configuration is loaded. */
  readonly description: string;
}

/** haproxy.cfg for HAProxy 2.6 and later: https://docs.haproxy.org/2.6/configuration.html */
export function renderHAProxyCfg(input: HAProxyInput): RenderedHAProxy {
  refuseFaults("haproxy.cfg", findings(input));
  const description = `pgha-${digest16(sections(input, "").join("\n"))}/${formatTimes(haproxyTimes(input))}`;
  return { content: [HEADER, ...sections(input, description), ""].join("\n"), description };
}

const HEADER = "# Written by pgha, which brings it back when it is changed here: change the manifest instead.";

function sections(input: HAProxyInput, description: string): readonly string[] {
  const { write, read } = HAPROXY_BACKENDS;
  return [
    section("global", globalSettings(input, description)),
    section("defaults", defaults(input)),
    section("frontend write", [
      "option tcplog",
      ...binds(input.bindAddresses, input.ports.write),
      `maxconn ${input.maxConnections}`,
      // Servers count as up until their first check, and two members may both look like the leader for a moment of a
      // switchover. Whoever comes then is told to come again rather than sent to a replica (F40, F51).
      `tcp-request connection reject if { nbsrv(${write}) gt 1 }`,
      `default_backend ${write}`,
    ]),
    section("frontend read", [
      "option tcplog",
      ...binds(input.bindAddresses, input.ports.read),
      `maxconn ${input.maxConnections}`,
      `default_backend ${read}`,
    ]),
    section("frontend stats", stats(input)),
    section(`backend ${write}`, ["balance first", ...backend(input, "/primary")]),
    // No replica, no read port: reads that land on the leader unasked would load it at the worst moment, and could
    // write. A client that wants "a replica or else the leader" lists both ports.
    section(`backend ${read}`, ["balance leastconn", ...backend(input, "/replica")]),
  ];
}

function section(head: string, lines: readonly string[]): string {
  return [head, ...lines.map((line) => `    ${line}`), ""].join("\n");
}

function globalSettings(input: HAProxyInput, description: string): readonly string[] {
  return [
    `description ${description}`,
    // journald reads the level in front of each line: https://docs.haproxy.org/2.6/configuration.html#log
    "log stdout format short daemon",
    // The page still answers when all client connections are taken.
    `maxconn ${input.maxConnections + RESERVED_CONNECTIONS}`,
    // expose-fd listeners hands the open ports to the next process at a reload, so that nobody is refused meanwhile.
    `stats socket ${HAPROXY.socket} mode 660 level admin expose-fd listeners`,
    "stats timeout 30s",
    // After a reload the old process keeps its sessions but checks no server any more. An hour is PgBouncer's
    // server_lifetime: by then it has let go of them by itself.
    "hard-stop-after 1h",
    // The unit saves it right before a reload, so that the new process knows who is down before its own first check.
    `server-state-file ${HAPROXY.serverState}`,
  ];
}

const RESERVED_CONNECTIONS = 20;

function defaults(input: HAProxyInput): readonly string[] {
  const { connectSeconds, checkSeconds, clientSeconds, serverSeconds } = input.timeouts;
  return [
    "mode tcp",
    "log global",
    "option dontlognull",
    // Only what went wrong: the pooler opens and closes connections all day.
    "option dontlog-normal",
    // A peer that vanished is noticed within two minutes on either side, not after two hours (F52).
    "option clitcpka",
    "clitcpka-idle 60s",
    "clitcpka-intvl 10s",
    "clitcpka-cnt 6",
    // A session of the process before a reload has no check that would end it: its server is asked here.
    "option srvtcpka",
    "srvtcpka-idle 10s",
    "srvtcpka-intvl 5s",
    "srvtcpka-cnt 3",
    // A replica that does not accept is tried once more, then another one is.
    "option redispatch 1",
    "retries 2",
    `timeout connect ${connectSeconds}s`,
    `timeout check ${checkSeconds}s`,
    // Above the pooler's own idle timeout, or it is HAProxy that cuts pooled sessions (F52).
    `timeout client ${clientSeconds}s`,
    `timeout server ${serverSeconds}s`,
    // A client waits no longer than this for a place on a server.
    `timeout queue ${connectSeconds}s`,
    "load-server-state-from-file global",
  ];
}

function stats(input: HAProxyInput): readonly string[] {
  return [
    ...binds(input.bindAddresses, input.ports.stats),
    // In mode tcp there is no page (F46). Without `stats admin` it is read-only (F47).
    "mode http",
    "no log",
    `maxconn ${RESERVED_CONNECTIONS}`,
    "timeout client 30s",
    "timeout http-request 5s",
    ...["127.0.0.0/8", "::1/128", ...input.statsNetworks].map((network) => `acl may_look src ${network}`),
    "tcp-request connection reject unless may_look",
    // For Prometheus: in the builds of Debian and Ubuntu.
    "http-request use-service prometheus-exporter if { path /metrics }",
    "stats enable",
    "stats uri /",
    "stats refresh 5s",
    "stats hide-version",
  ];
}

function backend(input: HAProxyInput, role: string): readonly string[] {
  const { intervalMs, fastIntervalMs, downIntervalMs, rise, fall } = input.checks;
  const lost = haproxyTimes(input).lostMilliseconds;
  const down = downIntervalMs === intervalMs ? "" : `downinter ${downIntervalMs}ms `;
  const check =
    `check port ${input.restApiPort} inter ${intervalMs}ms fastinter ${fastIntervalMs}ms ${down}rise ${rise} ` +
    `fall ${fall}`;
  return [
    // Patroni knows who leads: 200 for the asked role, 503 for any other (F40). OPTIONS saves it the body.
    // https://patroni.readthedocs.io/en/latest/rest_api.html#health-check-endpoints
    "option httpchk",
    "option log-health-checks",
    `http-check send meth OPTIONS uri ${role}`,
    "http-check expect status 200",
    // A session to a server that lost its role is cut, not left to write to a replica (F40). A name that can't be
    // resolved just now takes that server out, it does not keep HAProxy from starting.
    `default-server ${check} on-marked-down shutdown-sessions init-addr last,libc,none`,
    // The process before a reload checks nothing any more: there what a dead server does not confirm ends a session, as
    // soon as checks would. A default-server does not hand that on.
    ...input.members.map(
      ({ name, address }) => `server ${name} ${hostPort(address, input.postgresqlPort)} tcp-ut ${lost}ms`,
    ),
  ];
}

function binds(addresses: readonly string[], port: number): readonly string[] {
  return [...new Set(addresses)].map((address) => `bind ${bracketed(address)}:${port}`);
}

function* findings(input: HAProxyInput): Iterable<Finding> {
  for (const [index, { name, address }] of input.members.entries()) {
    yield [`members[${index}].name`, labelFault(name)];
    yield [`members[${index}].address`, addressFault(address)];
  }
  yield ["members", input.members.length > 0 ? undefined : "is empty"];
  yield ["bindAddresses", input.bindAddresses.length > 0 ? undefined : "is empty"];
  yield* each("bindAddresses", input.bindAddresses, addressFault);
  yield* each("statsNetworks", input.statsNetworks, networkFault);
  for (const key of ["write", "read", "stats"] as const) yield [`ports.${key}`, portFault(input.ports[key])];
  yield ["postgresqlPort", portFault(input.postgresqlPort)];
  yield ["restApiPort", portFault(input.restApiPort)];
  for (const key of ["intervalMs", "fastIntervalMs", "downIntervalMs", "rise", "fall"] as const)
    yield [`checks.${key}`, countFault(input.checks[key])];
  for (const key of ["connectSeconds", "checkSeconds", "clientSeconds", "serverSeconds"] as const)
    yield [`timeouts.${key}`, countFault(input.timeouts[key])];
  yield ["maxConnections", countFault(input.maxConnections)];
}
