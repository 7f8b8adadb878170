import { dump, load } from "js-yaml";
import { StateError } from "./state-error.ts";
import type {
  BootstrapIntent,
  DeclaredOnce,
  RecordedFacts,
  RecordedHost,
  RecordedOperation,
  RecordedReinit,
  RecordedSwitchover,
} from "./store.ts";

const EXPLANATION =
  "# What pgha saw once and holds on to: it only makes pgha more careful. Remove a line to accept what is new.\n";

/** Recorded facts as a text, in the shape of a resource with a status. */
export function formatRecord(kind: string, name: string, facts: RecordedFacts): string {
  return (
    EXPLANATION + dump({ kind, metadata: { name }, status: facts }, { lineWidth: -1, noRefs: true, sortKeys: true })
  );
}

/** Reads them back. Throws StateError for anything but a whole record: half of one must never pass for none. */
export function parseRecord(text: string, path: string): RecordedFacts {
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    throw broken(path, "is not valid YAML", error);
  }
  const status = isMap(document) ? document["status"] : undefined;
  if (!isMap(status)) {
    throw broken(path, "is empty or cut short: it has no status");
  }
  const hosts = status["hosts"] ?? {};
  if (!isMap(hosts)) {
    throw broken(path, "has hosts that are no map");
  }
  const textOf = (value: unknown, field: string): string => {
    if (typeof value !== "string" || value === "") {
      throw broken(path, `has a ${field} that is no text`);
    }
    return value;
  };
  const systemId = status["systemId"];
  const intent = status["bootstrapIntent"];
  const { declared, applied, names, ports, operation, restartedAt, switchover, switchedTo, reinit } = status;
  if (applied !== undefined && !isMap(applied)) {
    throw broken(path, "has an applied that is no map");
  }
  if (ports !== undefined && !(Array.isArray(ports) && ports.every((port) => Number.isInteger(port)))) {
    throw broken(path, "has ports that are no list of numbers");
  }
  return {
    ...(systemId === undefined ? {} : { systemId: textOf(systemId, "systemId") }),
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, host]) => [
        name,
        readHost(host, (value, field) => textOf(value, `hosts.${name}.${field}`)),
      ]),
    ),
    ...(applied === undefined ? {} : { applied }),
    ...(names === undefined ? {} : { names: readNames(names, path, textOf) }),
    ...(ports === undefined ? {} : { ports }),
    ...(declared === undefined ? {} : { declared: readDeclared(declared, path, textOf) }),
    ...(intent === undefined ? {} : { bootstrapIntent: readIntent(intent, path, textOf) }),
    ...(operation === undefined ? {} : { operation: readOperation(operation, path, textOf) }),
    ...(restartedAt === undefined ? {} : { restartedAt: textOf(restartedAt, "restartedAt") }),
    ...(switchover === undefined ? {} : { switchover: readSwitchover(switchover, textOf) }),
    ...(switchedTo === undefined ? {} : { switchedTo: textOf(switchedTo, "switchedTo") }),
    ...(reinit === undefined ? {} : { reinit: readReinit(reinit, textOf) }),
  };
}

function readReinit(reinit: unknown, text: (value: unknown, field: string) => string): RecordedReinit {
  const { member, since, copy } = isMap(reinit) ? reinit : {};
  return {
    member: text(member, "reinit.member"),
    since: text(since, "reinit.since"),
    copy: text(copy, "reinit.copy"),
  };
}

function readSwitchover(switchover: unknown, text: (value: unknown, field: string) => string): RecordedSwitchover {
  const { id, since, from, to, force } = isMap(switchover) ? switchover : {};
  return {
    id: text(id, "switchover.id"),
    since: text(since, "switchover.since"),
    from: text(from, "switchover.from"),
    ...(to === undefined ? {} : { to: text(to, "switchover.to") }),
    ...(force === true ? { force } : {}),
  };
}

function readOperation(
  operation: unknown,
  path: string,
  text: (value: unknown, field: string) => string,
): RecordedOperation {
  const { id, kind, since, members } = isMap(operation) ? operation : {};
  if (kind !== "restart") throw broken(path, "has an operation of a kind that is not known");
  if (!Array.isArray(members)) throw broken(path, "has an operation without members");
  return {
    id: text(id, "operation.id"),
    kind,
    since: text(since, "operation.since"),
    members: members.map((member: unknown) => {
      const { name, asked, postmaster } = isMap(member) ? member : {};
      return {
        name: text(name, "operation.members.name"),
        asked: asked === true,
        ...(postmaster === undefined ? {} : { postmaster: text(postmaster, "operation.members.postmaster") }),
      };
    }),
  };
}

function readHost(host: unknown, text: (value: unknown, field: string) => string): RecordedHost {
  const map = isMap(host) ? host : {};
  return Object.fromEntries(
    hostFields.flatMap((field) => (map[field] === undefined ? [] : [[field, text(map[field], field)]])),
  );
}

function readNames(
  names: unknown,
  path: string,
  text: (value: unknown, field: string) => string,
): NonNullable<RecordedFacts["names"]> {
  if (!isMap(names)) throw broken(path, "has names that are no map");
  return Object.fromEntries(
    Object.entries(names).map(([name, addresses]) => {
      if (!Array.isArray(addresses)) throw broken(path, `has names.${name} that is no list`);
      return [name, addresses.map((address) => text(address, `names.${name}`))];
    }),
  );
}

function readDeclared(declared: unknown, path: string, text: (value: unknown, field: string) => string): DeclaredOnce {
  const { roles, databases } = isMap(declared) ? declared : {};
  const texts = (value: unknown, field: string): readonly string[] => {
    if (!Array.isArray(value)) throw broken(path, `has ${field} that are no list`);
    return value.map((one) => text(one, field));
  };
  if (!Array.isArray(databases)) throw broken(path, "has declared.databases that are no list");
  return {
    roles: texts(roles, "declared.roles"),
    databases: databases.map((database: unknown) => {
      const { name, extensions = [] } = isMap(database) ? database : {};
      return {
        name: text(name, "declared.databases.name"),
        extensions: texts(extensions, "declared.databases.extensions"),
      };
    }),
  };
}

function readIntent(intent: unknown, path: string, text: (value: unknown, field: string) => string): BootstrapIntent {
  const map = isMap(intent) ? intent : {};
  const { members, outcome } = map;
  if (!Array.isArray(members)) {
    throw broken(path, "has a bootstrapIntent without members");
  }
  const base = {
    startedAt: text(map["startedAt"], "bootstrapIntent.startedAt"),
    members: members.map((member) => text(member, "bootstrapIntent.members")),
  };
  if (outcome === undefined) {
    return base;
  }
  if (outcome !== "succeeded" && outcome !== "failed") {
    throw broken(path, "has a bootstrapIntent.outcome that is neither succeeded nor failed");
  }
  return { ...base, outcome };
}

const hostFields = ["address", "hostKey", "machineId", "volumeUuid"] as const;

function broken(path: string, what: string, cause?: unknown): StateError {
  return new StateError(
    `${path} ${what}`,
    "put the file back from a backup. Without it pgha would not know a cluster that exists from a new one; " +
      "remove it only if there is none",
    cause,
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
