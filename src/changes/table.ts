import type { ChangeKind, HostChangeKind } from "./change-kind.ts";
import { alterDatabase } from "./alter-database.ts";
import { alterRole } from "./alter-role.ts";
import { arrangeUnits } from "./arrange-units.ts";
import { createDatabase } from "./create-database.ts";
import { createExtension } from "./create-extension.ts";
import { createRole } from "./create-role.ts";
import { installPackages } from "./install-packages.ts";
import { makeDirectory } from "./make-directory.ts";
import { patchDynamicConfiguration } from "./patch-dynamic-configuration.ts";
import { pushArtifact } from "./push-artifact.ts";
import { recordBootstrapIntent } from "./record-bootstrap-intent.ts";
import { recordOperation } from "./record-operation.ts";
import { reloadUnit } from "./reload-unit.ts";
import { removeData } from "./remove-data.ts";
import { removeOwnFiles } from "./remove-own-files.ts";
import { restartMember } from "./restart-member.ts";
import { restartUnit } from "./restart-unit.ts";
import { restoreHba } from "./restore-hba.ts";
import { startUnit } from "./start-unit.ts";
import { stopUnit } from "./stop-unit.ts";
import { writeFile } from "./write-file.ts";
import { writeSecret } from "./write-secret.ts";

/** Everything pgha can do on a host, a file each. What is not in here, no plan can ask for. */
export const HOST_CHANGES = {
  "write-file": writeFile,
  "make-directory": makeDirectory,
  "install-packages": installPackages,
  "push-artifact": pushArtifact,
  "arrange-units": arrangeUnits,
  "start-unit": startUnit,
  "reload-unit": reloadUnit,
  "restart-unit": restartUnit,
  "restart-member": restartMember,
  "patch-dynamic-configuration": patchDynamicConfiguration,
  "restore-hba": restoreHba,
  "create-role": createRole,
  "alter-role": alterRole,
  "create-database": createDatabase,
  "alter-database": alterDatabase,
  "create-extension": createExtension,
  "stop-unit": stopUnit,
  "remove-own-files": removeOwnFiles,
  "remove-data": removeData,
};

/** Acts on the controlling side's own records: the state folder, or Kubernetes. */
export const CONTROLLER_CHANGES = {
  "write-secret": writeSecret,
  "record-bootstrap-intent": recordBootstrapIntent,
  "record-operation": recordOperation,
};

const CHANGES = { ...HOST_CHANGES, ...CONTROLLER_CHANGES };

type ChangeOf<K> = K extends ChangeKind<infer C> ? C : never;

/** Acts on a host. */
export type HostChange = ChangeOf<(typeof HOST_CHANGES)[keyof typeof HOST_CHANGES]>;

export type ControllerChange = ChangeOf<(typeof CONTROLLER_CHANGES)[keyof typeof CONTROLLER_CHANGES]>;

/**
 * Everything pgha can do, as data. Its kind tells a person what it is, and a host what to do; nothing else may turn it
 * into an act.
 */
export type Change = HostChange | ControllerChange;

/** All that is known of this kind of change. */
export function kindOf(change: Change): ChangeKind<Change> {
  // Each kind is asked about its own changes only, which the compiler cannot follow through a table.
  return CHANGES[change.kind] as ChangeKind<Change>;
}

export function hostKindOf(change: HostChange): HostChangeKind<HostChange> {
  return HOST_CHANGES[change.kind] as HostChangeKind<HostChange>;
}

export function isHostChange(change: Change): change is HostChange {
  return change.kind in HOST_CHANGES;
}
