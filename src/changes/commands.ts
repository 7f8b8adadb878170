import type { Credentials } from "../credentials/index.ts";
import { oncePer } from "../keep-last.ts";
import { withSecrets } from "../shell/command.ts";
import type { Command, Secret } from "../shell/command.ts";
import type { Meanwhile, OnHost } from "./change-kind.ts";
import type { Material } from "./material.ts";
import { hostKindOf } from "./table.ts";
import type { HostChange } from "./table.ts";

/** What a host is told to do for a change. Of one that reads a secret nothing is shown that is one in that cluster. */
export function commandFor(change: HostChange, material: Material): Command {
  return hidden(hostKindOf(change).command(change, material), material);
}

/** The same of what other hosts do before and meanwhile. */
export function meanwhileFor(
  change: HostChange,
  material: Material,
): { readonly before: readonly OnHost[]; readonly meanwhile: readonly Meanwhile[] } {
  const { before, meanwhile } = hostKindOf(change);
  const safe = <One extends OnHost>(one: One): One => ({ ...one, command: hidden(one.command, material) });
  return {
    before: (before?.(change, material) ?? []).map(safe),
    meanwhile: (meanwhile?.(change, material) ?? []).map(safe),
  };
}

/** Of what has no secret, the credentials are not even asked for: a removal and a baseline have none. */
function hidden(command: Command, material: Material): Command {
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

/** What ends the trial of a change that may keep pgha out; undefined for all others. */
export function confirmationFor(change: HostChange): Command | undefined {
  return hostKindOf(change).confirm?.(change);
}
