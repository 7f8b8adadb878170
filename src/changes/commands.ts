import type { Credentials } from "../credentials/index.ts";
import { oncePer } from "../keep-last.ts";
import { withSecrets } from "../shell/command.ts";
import type { Command, Secret } from "../shell/command.ts";
import type { HostChange } from "./change.ts";
import { alterDatabase, alterRole, createDatabase, createExtension, createRole } from "./databases.ts";
import { patchDynamicConfiguration } from "./dynamic-configuration.ts";
import { makeDirectory, pushArtifact, writeFile } from "./files.ts";
import { restoreHba } from "./hba.ts";
import type { Material } from "./material.ts";
import { installPackages } from "./packages.ts";
import { removeData, removeOwnFiles, stopUnit } from "./removal.ts";
import { arrangeUnits, reloadUnit, restartUnit, startUnit } from "./units.ts";

/** What a host is told to do for a change. Of one that reads a secret nothing is shown that is one in that cluster. */
export function commandFor(change: HostChange, material: Material): Command {
  const command = commandOf(change, material);
  return command.secrets === undefined ? command : withSecrets(command, secretsIn(material.credentials));
}

const secretsIn = oncePer((credentials: Credentials): readonly Secret[] => {
  const { superuser, replication, rewind, restApi, raft, pgbouncerAdmin, pgbouncerStats, roles } = credentials;
  const ofPgBouncer = [pgbouncerAdmin, pgbouncerStats].filter((login) => login !== undefined);
  const logins = [superuser, replication, rewind, ...ofPgBouncer];
  return [
    ...[restApi, raft].map(({ password }) => password),
    ...[...logins, ...Object.values(roles)].flatMap(({ password, verifier }) => [password, verifier]),
  ];
});

function commandOf(change: HostChange, material: Material): Command {
  switch (change.kind) {
    case "write-file":
      return writeFile(change.file);
    case "make-directory":
      return makeDirectory(change.directory);
    case "install-packages":
      return installPackages(change.packages, change.missing, change.maskFirst);
    case "push-artifact":
      return pushArtifact(change.artifact);
    case "arrange-units":
      return arrangeUnits(change.mask, change.enable);
    case "start-unit":
      return startUnit(change.unit, change.after);
    case "reload-unit":
      return reloadUnit(change.unit, change.proof);
    case "restart-unit":
      return restartUnit(change.unit);
    case "patch-dynamic-configuration":
      return patchDynamicConfiguration(change.url, material.credentials.restApi, change.patch);
    case "restore-hba":
      return restoreHba(change);
    case "create-role":
      return createRole(change, material);
    case "alter-role":
      return alterRole(change, material);
    case "create-database":
      return createDatabase(change, material);
    case "alter-database":
      return alterDatabase(change, material);
    case "create-extension":
      return createExtension(change, material);
    case "stop-unit":
      return stopUnit(change.unit);
    case "remove-own-files":
      return removeOwnFiles(change.files, change.trees);
    case "remove-data":
      return removeData(change.data);
  }
}

/** How long a change may take on the host, in milliseconds. Packages may come over a slow line. */
export function deadlineFor(change: HostChange): number {
  switch (change.kind) {
    case "install-packages":
      return 1_200_000;
    case "start-unit":
    case "restart-unit":
    case "stop-unit":
      return 120_000;
    case "reload-unit":
      return 120_000 + (change.proof?.kind === "patroni" ? change.proof.withinSeconds * 1000 : 0);
    // Some file systems take their time to free a large database.
    case "remove-data":
      return 600_000;
    default:
      return 60_000;
  }
}
