import { networkBehind } from "../hba/address.ts";
import { coversLine } from "../hba/covers.ts";
import { readHbaLine } from "../hba/line.ts";
import type { HbaLine } from "../hba/line.ts";
import { withoutSecrets } from "../hba/options.ts";
import type { PostgresHACluster, Resource } from "../kinds.ts";
import { SYSTEM_ROLES } from "../reserved.ts";
import { shown } from "../shown.ts";
import { problem, warning, type Finding } from "./finding.ts";

/**
 * spec.postgresql.additionalHba: every line as PostgreSQL's parser sees it. One that it refuses leaves the rules of
 * before in force at a reload, and PostgreSQL down at its next start.
 */
export function* hbaRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) if (resource.kind === "PostgresHACluster") yield* linesOf(resource);
}

interface Earlier {
  readonly line: HbaLine;
  /** What a message calls it. */
  readonly title: string;
}

function* linesOf(cluster: PostgresHACluster): Iterable<Finding> {
  const { additionalHba, version, parameters } = cluster.spec.postgresql;
  const before = ownLines(cluster);
  for (const [index, text] of additionalHba.entries()) {
    const path = `spec.postgresql.additionalHba[${index}]`;
    const read = readHbaLine(text, version);
    if ("fault" in read) {
      yield problem(cluster, path, `${shown(withoutSecrets(text))} ${read.fault}`, WAY_OUT);
      continue;
    }
    const { line } = read;
    if (line.type === "hostssl" && !isOn(parameters["ssl"]))
      yield problem(
        cluster,
        path,
        `${shown(withoutSecrets(text))} can never match: it is for connections with TLS, and ` +
          "spec.postgresql.parameters.ssl is not on",
        "write host for connections with and without TLS, or set ssl: 'on' with ssl_cert_file and ssl_key_file",
      );
    yield* weaknesses(cluster, path, line);
    const shadow = before.find((earlier) => coversLine(earlier.line, line));
    if (shadow !== undefined)
      yield warning(
        cluster,
        path,
        `never decides: ${shadow.title} matches all of its connections, and comes first`,
        "leave it out, or make it wider than what comes first",
      );
    before.push({ line, title: `additionalHba[${index}]` });
  }
}

/** Those of pgha's own lines, which come first, that a person may not think of. */
function ownLines({ spec }: PostgresHACluster): Earlier[] {
  const { superuser, replication, rewind } = SYSTEM_ROLES;
  const { version, clientNetworks } = spec.postgresql;
  const lines = [
    { title: "pgha's own line for Patroni", text: `local all ${superuser} peer` },
    {
      title: "pgha's own line, which refuses the cluster's own accounts from elsewhere,",
      text: `host all ${superuser},${replication},${rewind} all reject`,
    },
    ...clientNetworks.map((network, index) => ({
      title: `clientNetworks[${index}]`,
      text: `host all all ${network} scram-sha-256`,
    })),
  ];
  return lines.flatMap(({ title, text }) => {
    const read = readHbaLine(text, version);
    return "fault" in read ? [] : [{ title, line: read.line }];
  });
}

const WAY_OUT = "write: TYPE DATABASE USER ADDRESS METHOD, e.g. host all all 192.0.2.0/24 scram-sha-256";

function* weaknesses(cluster: PostgresHACluster, path: string, line: HbaLine): Iterable<Finding> {
  const { address, method, options } = line;
  if (method === "trust") yield warning(cluster, path, "lets these clients in without a password", "use scram-sha-256");
  if (method === "password" || method === "md5")
    yield warning(cluster, path, `asks for passwords the weak way (${method})`, "use scram-sha-256");
  const network = address?.kind === "network" ? networkBehind(address) : undefined;
  if (network !== undefined && address?.kind === "network")
    yield warning(
      cluster,
      path,
      `${address.written} stands for all of ${network}`,
      `write ${network}, or the one host`,
    );
  if (options.has("map"))
    yield warning(
      cluster,
      path,
      `uses the map ${shown(options.get("map"))} of pg_ident.conf, which pgha does not write: without it ` +
        "nobody gets in",
      "write pg_ident.conf on every member yourself",
    );
}

/** As PostgreSQL reads a switch. */
function isOn(value: number | string | undefined): boolean {
  return /^(on|true|yes|t|tr|tru|y|ye|1)$/i.test(String(value ?? "off").trim());
}
