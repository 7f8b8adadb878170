import type { HostStatus } from "../api/index.ts";
import { oncePer } from "../keep-last.ts";
import type { StoredStatus } from "./live-resource.ts";
import { NOTHING_RECORDED } from "./store.ts";
import type { DeclaredOnce, RecordedFacts, RecordedHost } from "./store.ts";

/** What a status holds that the world cannot tell later. A status is one object until it changes: read once. */
export function recordOf(status: StoredStatus | undefined): RecordedFacts {
  return status === undefined ? NOTHING_RECORDED : readRecord(status);
}

const readRecord = oncePer((status: StoredStatus): RecordedFacts => {
  const {
    systemId,
    bootstrapIntent,
    declared,
    names,
    operation,
    restartedAt,
    switchover,
    switchedTo,
    reinit,
    hosts = [],
  } = status;
  return {
    ...(systemId === undefined ? {} : { systemId }),
    hosts: Object.fromEntries(
      hosts.flatMap((host) => {
        const recorded = recordedHost(host);
        return Object.keys(recorded).length === 0 ? [] : [[host.name, recorded] as const];
      }),
    ),
    ...(names === undefined ? {} : { names: namesOf(names) }),
    ...(declared === undefined ? {} : { declared: declaredOf(declared) }),
    ...(bootstrapIntent === undefined ? {} : { bootstrapIntent: intentOf(bootstrapIntent) }),
    ...(operation === undefined ? {} : { operation: operationOf(operation) }),
    ...(restartedAt === undefined ? {} : { restartedAt }),
    ...(switchover === undefined ? {} : { switchover: switchoverOf(switchover) }),
    ...(switchedTo === undefined ? {} : { switchedTo }),
    ...(reinit === undefined ? {} : { reinit }),
  };
});

/** A status with these facts in place of those it had; what it reports beside them stays. */
export function withRecord(status: StoredStatus | undefined, facts: RecordedFacts): StoredStatus {
  const {
    systemId: _,
    bootstrapIntent: __,
    declared: ___,
    operation: ____,
    restartedAt: _____,
    names: ______,
    switchover: _______,
    switchedTo: ________,
    reinit: _________,
    hosts = [],
    ...rest
  } = status ?? {};
  const known = new Set(hosts.map((host) => host.name));
  const added = Object.keys(facts.hosts)
    .filter((name) => !known.has(name))
    .map((name): HostStatus => ({ name }));
  return {
    ...rest,
    ...(facts.systemId === undefined ? {} : { systemId: facts.systemId }),
    ...(facts.names === undefined ? {} : { names: storedNames(facts.names) }),
    ...(facts.declared === undefined ? {} : { declared: facts.declared }),
    ...(facts.bootstrapIntent === undefined ? {} : { bootstrapIntent: facts.bootstrapIntent }),
    ...(facts.operation === undefined ? {} : { operation: facts.operation }),
    ...(facts.restartedAt === undefined ? {} : { restartedAt: facts.restartedAt }),
    ...(facts.switchover === undefined ? {} : { switchover: facts.switchover }),
    ...(facts.switchedTo === undefined ? {} : { switchedTo: facts.switchedTo }),
    ...(facts.reinit === undefined ? {} : { reinit: facts.reinit }),
    ...(hosts.length + added.length === 0
      ? {}
      : { hosts: [...hosts, ...added].map((host) => withIdentity(host, facts.hosts[host.name])) }),
  };
}

/** A host of a status with what is recorded of it, which is never what was merely seen. */
export function withIdentity(host: HostStatus, recorded: RecordedHost | undefined): HostStatus {
  const { hostKey: _, machineId: __, volumeUuid: ___, ...rest } = host;
  return { ...rest, ...recorded };
}

/** A status names the address of any host; that of one that was taken on is recorded with its identity. */
function recordedHost({ address, hostKey, machineId, volumeUuid }: HostStatus): RecordedHost {
  return {
    ...(address === undefined || machineId === undefined ? {} : { address }),
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(machineId === undefined ? {} : { machineId }),
    ...(volumeUuid === undefined ? {} : { volumeUuid }),
  };
}

function intentOf({
  startedAt,
  members,
  outcome,
}: NonNullable<StoredStatus["bootstrapIntent"]>): NonNullable<RecordedFacts["bootstrapIntent"]> {
  return { startedAt, members, ...(outcome === "succeeded" || outcome === "failed" ? { outcome } : {}) };
}

/** As Kubernetes keeps a map whose keys are no fields. */
export function storedNames(names: NonNullable<RecordedFacts["names"]>): NonNullable<StoredStatus["names"]> {
  return Object.entries(names).map(([name, addresses]) => ({ name, addresses: [...addresses] }));
}

function namesOf(names: NonNullable<StoredStatus["names"]>): NonNullable<RecordedFacts["names"]> {
  return Object.fromEntries(names.map(({ name, addresses = [] }) => [name, addresses]));
}

function declaredOf({ roles = [], databases = [] }: NonNullable<StoredStatus["declared"]>): DeclaredOnce {
  return { roles, databases: databases.map(({ name, extensions = [] }) => ({ name, extensions })) };
}

function operationOf({
  id,
  since,
  members,
}: NonNullable<StoredStatus["operation"]>): NonNullable<RecordedFacts["operation"]> {
  return {
    id,
    kind: "restart",
    since,
    members: members.map(({ name, asked = false, postmaster }) => ({
      name,
      asked,
      ...(postmaster === undefined ? {} : { postmaster }),
    })),
  };
}

function switchoverOf({
  id,
  since,
  from,
  to,
  force,
}: NonNullable<StoredStatus["switchover"]>): NonNullable<RecordedFacts["switchover"]> {
  return { id, since, from, ...(to === undefined ? {} : { to }), ...(force === true ? { force } : {}) };
}
