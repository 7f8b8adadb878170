import type { Credentials } from "../credentials/index.ts";
import { oncePer } from "../keep-last.ts";
import { withSecrets } from "../shell/command.ts";
import type { Command, Secret } from "../shell/command.ts";
import type { Material } from "./material.ts";
import { hostKindOf } from "./table.ts";
import type { HostChange } from "./table.ts";

/** What a host is told to do for a change. Of one that reads a secret nothing is shown that is one in that cluster. */
export function commandFor(change: HostChange, material: Material): Command {
  const command = hostKindOf(change).command(change, material);
  return command.secrets === undefined ? command : withSecrets(command, secretsIn(material.credentials));
}

const secretsIn = oncePer((credentials: Credentials): readonly Secret[] => {
  const { superuser, replication, rewind, restApi, dcs, pgbouncerAdmin, pgbouncerStats, roles } = credentials;
  const ofPgBouncer = [pgbouncerAdmin, pgbouncerStats].filter((login) => login !== undefined);
  const logins = [superuser, replication, rewind, ...ofPgBouncer];
  return [
    ...[restApi, dcs].map(({ password }) => password),
    ...[...logins, ...Object.values(roles)].flatMap(({ password, verifier }) => [password, verifier]),
  ];
});

/** How long a change may take on the host, in milliseconds. */
export function deadlineFor(change: HostChange): number {
  const { deadlineMs = 60_000 } = hostKindOf(change);
  return typeof deadlineMs === "number" ? deadlineMs : deadlineMs(change);
}
