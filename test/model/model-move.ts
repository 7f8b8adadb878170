import type { PostgresHACluster } from "../../src/api/index.ts";
import type { MoveMember } from "../../src/changes/move-member.ts";
import type { RemoveData } from "../../src/changes/remove-data.ts";
import type { OwnedData } from "../../src/changes/own-data.ts";
import { PATRONI, PATRONI_INSIDE } from "../../src/desired/services.ts";
import type { CollationsFact } from "../../src/facts/collations.ts";
import type { FormerContainer } from "../../src/facts/former-container.ts";
import type { ModelHost } from "./model-host.ts";
import { ModelStepError } from "./model-units.ts";

/** The same on both sides, and nothing goes by it. */
export const SAME_LIBRARIES: CollationsFact = {
  host: { libc: "glibc 2.41", locales: [] },
  container: { libc: "glibc 2.41", locales: [] },
  isAsked: true,
  uses: [],
};

/** What says where a member is, and what would be other where it is to come to. */
export function placeFacts(
  host: ModelHost,
  { spec }: PostgresHACluster,
): { readonly former?: FormerContainer; readonly collations?: CollationsFact } {
  const isInside = spec.runtime === "container";
  const left = host.files.get(isInside ? PATRONI.unitFile : PATRONI_INSIDE.unitFile);
  if (left === undefined) return {};
  const [, uid, gid, image] = / --user (\d+):(\d+) .* --entrypoint sh (\S+) /.exec(left.content) ?? [];
  const bin = /^ *bin_dir: *["']?(\/[^\s"']+)/m.exec(host.files.get(PATRONI.config)?.content ?? "")?.[1];
  return {
    collations: host.base.libraries,
    ...(isInside || image === undefined
      ? {}
      : { former: { image, uid: Number(uid), gid: Number(gid), ...(bin === undefined ? {} : { bin }) } }),
  };
}

/** What is gone once it is begun, whatever becomes of the rest; not where another process runs by now. */
export function leavesPlace(host: ModelHost, { unit, former, postmaster }: MoveMember): boolean {
  if (host.postmaster !== postmaster) return false;
  host.enabled.delete(unit);
  for (const path of former) host.files.delete(path);
  return true;
}

/** Whether a server starts on what is there: it reads no data of another user's, and ends. */
export function mayRead({ directories, dataDirectory, files }: ModelHost): boolean {
  const data = [...directories].find(([path]) => path.endsWith("/pgdata"))?.[1];
  return dataDirectory !== "valid" || data?.owner === files.get(PATRONI.config)?.owner;
}

/** All that becomes of it but the start. */
export function moveOn(host: ModelHost, change: MoveMember): void {
  for (const path of change.former) host.files.delete(path);
  give(host, change.data);
  for (const { path, owner, group, mode } of change.directories) host.directories.set(path, { owner, group, mode });
  for (const { path, content, owner, group, mode } of change.files) host.write(path, { content, owner, group, mode });
  host.enabled.add(change.unit);
  host.unread.clear();
}

export function isGiven({ directories }: ModelHost, { directory, besides, owner }: OwnedData): boolean {
  return [...besides, directory].every((path) => (directories.get(path)?.owner ?? owner) === owner);
}

export function give(host: ModelHost, { directory, besides, owner, group }: OwnedData): void {
  for (const path of [...besides, directory]) host.directories.set(path, { owner, group, mode: 0o700 });
}

/** As the command guards it: nothing that runs, nothing of another cluster. */
export function removeData(host: ModelHost, { unit, systemId, directory, besides }: RemoveData["data"]): void {
  if (host.active.has(unit)) throw new ModelStepError(`${unit} still runs on ${host.name}`);
  if (host.dataDirectory === "partial") throw new ModelStepError(`${host.name} holds no whole database`);
  if (host.dataDirectory === "valid" && host.systemId !== systemId)
    throw new ModelStepError(`${host.name} holds the data of another cluster`);
  host.dataDirectory = "absent";
  host.systemId = undefined;
  host.journals = [];
  for (const path of [directory, ...besides]) host.directories.delete(path);
}
