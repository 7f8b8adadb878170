import type { Material } from "../../src/changes/material.ts";
import type { HostChange } from "../../src/changes/table.ts";
import type { ModelHost } from "./model-host.ts";
import { majorityOf } from "./model-patroni.ts";
import { mergePatch } from "./model-settings.ts";
import type { ModelWorld } from "./model-world.ts";
import { sha256Of } from "./read-once.ts";
import { ModelStepError } from "./model-units.ts";

/** What a host would refuse: SQL where it does not lead, a new configuration without a quorum, a restart in another role. */
export function assertMay(model: ModelWorld, host: ModelHost, change: HostChange): void {
  const cluster = model.stack.clusters.find(({ spec }) => spec.hosts.some(({ name }) => name === host.name));
  if (cluster === undefined) return;
  switch (change.kind) {
    case "create-role":
    case "alter-role":
    case "create-database":
    case "alter-database":
    case "create-extension":
      if (model.leader(cluster) !== host) throw new ModelStepError(`${host.name} does not lead`);
      return;
    case "patch-dynamic-configuration":
      if (model.heardBy(cluster, host).length < majorityOf(model, cluster))
        throw new ModelStepError(`${host.name} has no quorum`);
      return;
    case "switch-over":
      if (host.role !== "primary") throw new ModelStepError(`${host.name} does not lead`);
      return;
    case "restart-member":
    case "move-member":
      if (host.postmaster === change.postmaster && (host.role === "primary") !== (change.role !== "replica"))
        throw new ModelStepError(`${host.name} has another role`);
      return;
    default:
  }
}

/** Carries out what is the cluster's, wherever it is said; false for what is a host's own. */
export function takeInCluster(model: ModelWorld, change: HostChange, verifierOf: (role: string) => string): boolean {
  const database = (
    name: string,
    to: (found: (typeof model.databases)[number]) => (typeof model.databases)[number],
  ) => {
    model.databases = model.databases.map((found) => (found.name === name ? to(found) : found));
  };
  switch (change.kind) {
    case "create-role":
    case "alter-role": {
      const { role } = change;
      const verifierDigest = role.login ? verifierOf(role.name) : "";
      model.roles = [...model.roles.filter(({ name }) => name !== role.name), { ...role, verifierDigest }];
      return true;
    }
    case "create-database":
      model.databases = [
        ...model.databases,
        { name: change.database, owner: change.owner, connectionLimit: change.connectionLimit, extensions: {} },
      ];
      return true;
    case "alter-database":
      database(change.database, (found) => ({
        ...found,
        ...(change.owner === undefined ? {} : { owner: change.owner }),
        ...(change.connectionLimit === undefined ? {} : { connectionLimit: change.connectionLimit }),
      }));
      return true;
    case "create-extension":
      database(change.database, (found) => ({
        ...found,
        extensions: { ...found.extensions, [change.extension]: "1.0" },
      }));
      return true;
    case "patch-dynamic-configuration":
      model.dynamicConfiguration = mergePatch(model.dynamicConfiguration, change.patch);
      return true;
    default:
      return false;
  }
}

export function digestOf(role: string, { credentials }: Material): string {
  return sha256Of(credentials.roles[role]?.verifier.reveal() ?? "");
}
