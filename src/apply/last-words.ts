import type { ServiceKind } from "../api/index.ts";
import type { Service } from "../desired/services.ts";
import { recentJournal } from "../changes/systemd.ts";
import type { Material } from "../changes/material.ts";
import { SERVICE_OF } from "../reconcilers/service-of.ts";
import { sh, withSecrets } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { masked } from "../shell/masking.ts";
import type { RemoteShell } from "../shell/shell.ts";

/** What a program of ours said last that sounds like a cause. */
export interface LastWords {
  /** As people know it: a unit, or `apt`. */
  readonly program: string;
  readonly lines: readonly string[];
}

const DEADLINE_MS = 10_000;

/**
 * Asks the journal of the resource's own service. One exec, only where something went wrong; a host that is away says
 * nothing.
 */
export async function serviceWords(
  resource: string,
  shell: RemoteShell,
  material: Material | undefined,
): Promise<LastWords | undefined> {
  const service: Service | undefined = SERVICE_OF[resource.slice(0, resource.indexOf("/")) as ServiceKind];
  if (service === undefined) return undefined;
  const { unit } = service;
  const text = await printed(sh`${recentJournal(unit)} | cut -c 1-400`, shell, material);
  const lines = causesIn(text);
  return lines.length === 0 ? undefined : { program: unit, lines };
}

/** Who installed or removed packages last, and how it was typed. */
export async function packageWords(shell: RemoteShell): Promise<LastWords | undefined> {
  const text = await printed(sh`tail -n 40 /var/log/apt/history.log | cut -c 1-400`, shell, undefined);
  const entry =
    text
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? "";
  const lines = entry
    .split("\n")
    .filter((line) => /^(Start-Date|Commandline|Requested-By|Remove|Purge|Error):/.test(line));
  return lines.length === 0 ? undefined : { program: "apt", lines };
}

async function printed(command: Command, shell: RemoteShell, material: Material | undefined): Promise<string> {
  const secrets = material === undefined ? [] : secretsIn(material);
  try {
    const { stdout } = await shell.run(withSecrets(command, secrets), {
      deadlineMs: DEADLINE_MS,
      changesNothing: true,
    });
    return masked(stdout, secrets);
  } catch {
    return "";
  }
}

function secretsIn({ credentials }: Material): readonly string[] {
  const { roles, restApi, dcs, ...logins } = credentials;
  return [
    ...[restApi, dcs].map((account) => account.password),
    ...[...Object.values(logins), ...Object.values(roles)].flatMap(({ password, verifier }) => [password, verifier]),
  ].map((one) => one.reveal());
}

const MOST = 5;
/** Programs that Patroni runs, and PostgreSQL itself: where one of them complains, the rest follows from it. */
const FIRST_CAUSE = /\b(?:initdb|pg_\w+|postgres): (?:error|fatal|could not)|\b(?:FATAL|PANIC): |\[ALERT\]/i;
const CAUSE =
  /\b(?:ERROR|CRITICAL|error|failed|refused|invalid|unknown|cannot|could not|denied|no such|not found|exception)\b/i;
/** A statement may hold anything, and where a traceback stands helps nobody. */
const NOISE = /\bSTATEMENT: |^Traceback|^ {2}File "|\bINFO\b.*\bno action\b/;

/**
 * The last lines that sound like a cause, each once, in their order; those of the programs at the bottom of it first.
 */
export function causesIn(log: string): readonly string[] {
  const lines = log.split("\n").filter((line) => !NOISE.test(line));
  const first = distinct(lines.filter((line) => FIRST_CAUSE.test(line))).slice(-MOST);
  const more = distinct(lines.filter((line) => CAUSE.test(line) && !FIRST_CAUSE.test(line)));
  const chosen = new Set([
    ...first,
    ...more.slice(Math.min(more.length, Math.max(0, more.length - MOST + first.length))),
  ]);
  return distinct(lines).filter((line) => chosen.has(line));
}

/** The last of the lines that differ by time and number alone. */
function distinct(lines: readonly string[]): readonly string[] {
  return [...new Map(lines.map((line) => [line.replaceAll(/[0-9]+/g, "0"), line])).values()];
}
