import type { Fact, FactOutput } from "./fact.ts";
import { httpGets, readHttpAnswers } from "./http-get.ts";
import { memberRole } from "./member-role.ts";
import { asNumber, asRecord, asRecords, asString, defined, parseJson } from "./narrow.ts";
import { scheduledIn } from "./patroni-scheduled.ts";
import type { ClusterMemberFact, PatroniFact, PatroniMemberFact } from "./types.ts";

/** Patroni's REST API on the host. Patroni 3.0 to 4.x: https://patroni.readthedocs.io/en/latest/rest_api.html */
export function patroniFact({ address, port }: { readonly address: string; readonly port: number }): Fact<PatroniFact> {
  return { command: httpGets(address, port, ["/patroni", "/cluster", "/config"]), parse };
}

function parse({ stdout }: FactOutput): PatroniFact {
  const [patroni, cluster, config] = readHttpAnswers(stdout);
  const status = asRecord(parseJson(patroni?.body ?? ""));
  const view = cluster?.status === 200 ? asRecord(parseJson(cluster.body)) : undefined;
  const members = view?.["members"];
  return defined({
    answers: patroni !== undefined || cluster !== undefined || config !== undefined,
    // GET /patroni is 503 while PostgreSQL is down, with the same body.
    member: status?.["state"] === undefined ? undefined : memberFact(status),
    cluster: Array.isArray(members) ? asRecords(members).map(clusterMemberFact) : undefined,
    scheduled: view === undefined ? undefined : scheduledIn(view),
    dynamicConfig: config?.status === 200 ? asRecord(parseJson(config.body)) : undefined,
  });
}

function memberFact(status: Readonly<Record<string, unknown>>): PatroniMemberFact {
  const patroni = asRecord(status["patroni"]);
  const reasons = asRecord(status["pending_restart_reason"]);
  return defined({
    state: asString(status["state"]) ?? "",
    role: memberRole(status["role"]),
    serverVersion: asNumber(status["server_version"]),
    timeline: asNumber(status["timeline"]),
    writtenBytes: asNumber(asRecord(status["xlog"])?.["location"]),
    systemId: asString(status["database_system_identifier"]),
    pendingRestart: status["pending_restart"] === true,
    pendingSettings: reasons === undefined ? undefined : Object.keys(reasons).map((name) => name.toLowerCase()),
    patroniVersion: asString(patroni?.["version"]),
    scope: asString(patroni?.["scope"]),
    tags: asRecord(status["tags"]) ?? {},
    paused: status["pause"] === true,
    dcsLastSeen: asNumber(status["dcs_last_seen"]),
  });
}

function clusterMemberFact(member: Readonly<Record<string, unknown>>): ClusterMemberFact {
  return defined({
    name: asString(member["name"]) ?? "",
    role: memberRole(member["role"]),
    state: asString(member["state"]) ?? "",
    address: asString(member["host"]) ?? "",
    port: asNumber(member["port"]) ?? 0,
    timeline: asNumber(member["timeline"]),
    // "unknown" when the member's position is not in the DCS.
    lagBytes: asNumber(member["lag"]),
    pendingRestart: member["pending_restart"] === true,
  });
}
