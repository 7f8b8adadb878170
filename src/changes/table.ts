import type { ChangeKind, HostChangeKind } from "./change-kind.ts";
import { alterDatabase } from "./alter-database.ts";
import { alterRole } from "./alter-role.ts";
import { arrangeSwap } from "./arrange-swap.ts";
import { arrangeUnits } from "./arrange-units.ts";
import { buildImage } from "./build-image.ts";
import { createDatabase } from "./create-database.ts";
import { createExtension } from "./create-extension.ts";
import { createRole } from "./create-role.ts";
import { endDrainChange } from "./end-drain.ts";
import { installEngine } from "./install-engine.ts";
import { installPackages } from "./install-packages.ts";
import { loadAudit } from "./load-audit.ts";
import { loadFirewall } from "./load-firewall.ts";
import { loadImage } from "./load-image.ts";
import { loadSshd } from "./load-sshd.ts";
import { makeDirectory } from "./make-directory.ts";
import { moveMember } from "./move-member.ts";
import { mountVolume } from "./mount-volume.ts";
import { ownData } from "./own-data.ts";
import { patchDynamicConfiguration } from "./patch-dynamic-configuration.ts";
import { pullImage } from "./pull-image.ts";
import { pushArtifact } from "./push-artifact.ts";
import { recordBootstrapIntent } from "./record-bootstrap-intent.ts";
import { recordOperation } from "./record-operation.ts";
import { recordReinit } from "./record-reinit.ts";
import { recordSwitchover } from "./record-switchover.ts";
import { reinitMember } from "./reinit-member.ts";
import { reloadUnit } from "./reload-unit.ts";
import { removeAudit } from "./remove-audit.ts";
import { removeData } from "./remove-data.ts";
import { removeFirewall } from "./remove-firewall.ts";
import { removeOwnFiles } from "./remove-own-files.ts";
import { reserveHugePages } from "./reserve-huge-pages.ts";
import { restartMember } from "./restart-member.ts";
import { restartUnit } from "./restart-unit.ts";
import { restoreHba } from "./restore-hba.ts";
import { setSysctl } from "./set-sysctl.ts";
import { setTimezone } from "./set-timezone.ts";
import { resumePooler } from "./resume-pooler.ts";
import { startUnit } from "./start-unit.ts";
import { stopUnit } from "./stop-unit.ts";
import { switchOver } from "./switch-over.ts";
import { tellService } from "./tell-service.ts";
import { upgradePackages } from "./upgrade-packages.ts";
import { writeFile } from "./write-file.ts";
import { writeSecret } from "./write-secret.ts";

/** Everything pgha can do on a host, a file each. What is not in here, no plan can ask for. */
export const HOST_CHANGES = {
  "write-file": writeFile,
  "make-directory": makeDirectory,
  "install-packages": installPackages,
  "upgrade-packages": upgradePackages,
  "push-artifact": pushArtifact,
  "install-engine": installEngine,
  "load-image": loadImage,
  "build-image": buildImage,
  "pull-image": pullImage,
  "set-sysctl": setSysctl,
  "set-timezone": setTimezone,
  "load-firewall": loadFirewall,
  "remove-firewall": removeFirewall,
  "load-sshd": loadSshd,
  "load-audit": loadAudit,
  "remove-audit": removeAudit,
  "arrange-swap": arrangeSwap,
  "reserve-huge-pages": reserveHugePages,
  "tell-service": tellService,
  "mount-volume": mountVolume,
  "arrange-units": arrangeUnits,
  "start-unit": startUnit,
  "reload-unit": reloadUnit,
  "restart-unit": restartUnit,
  "restart-member": restartMember,
  "move-member": moveMember,
  "own-data": ownData,
  "reinit-member": reinitMember,
  "switch-over": switchOver,
  "resume-pooler": resumePooler,
  "end-drain": endDrainChange,
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
  "record-reinit": recordReinit,
  "record-switchover": recordSwitchover,
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
