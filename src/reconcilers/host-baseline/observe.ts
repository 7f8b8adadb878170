import { AUDIT } from "../../desired/audit.ts";
import { AUDITD, CHRONY, FAIL2BAN, JOURNALD, LOGIND, TIME_SERVICES, TIMESYNCD } from "../../desired/base-services.ts";
import { NR_HUGE_PAGES } from "../../desired/base-system.ts";
import { FIREWALL, SSHD } from "../../desired/services.ts";
import { auditFact } from "../../facts/audit.ts";
import { baseServicesFact } from "../../facts/base-services.ts";
import { baseSystemFact } from "../../facts/base-system.ts";
import type { Answers, FactSet, Look } from "../../facts/fact.ts";
import { firewallFact } from "../../facts/firewall.ts";
import { packagesFact } from "../../facts/packages.ts";
import { pathsFact } from "../../facts/paths.ts";
import { poolerPortsFact } from "../../facts/pooler-ports.ts";
import { sshdFact } from "../../facts/sshd.ts";
import { systemFact } from "../../facts/system.ts";
import { timeFact } from "../../facts/time.ts";
import { foldersOf } from "./audit.ts";
import { baseHost } from "./base-host.ts";
import type { DesiredBase } from "./desire.ts";

/** What a host is asked about its base, all in one look, and in the questions that are asked there anyway. */
export function questionsFor(desired: DesiredBase) {
  const { packages, files } = baseHost(desired);
  const tried = [
    ...(desired.firewall === undefined ? [] : [FIREWALL.ruleset]),
    ...(desired.keysOnly ? [SSHD.dropIn] : []),
    ...((desired.time?.servers ?? []).length === 0 ? [] : [CHRONY.file, TIMESYNCD.file]),
    ...(desired.journal === undefined ? [] : [JOURNALD.file]),
    ...(desired.keepsIpc ? [LOGIND.file] : []),
    ...(desired.fail2ban === undefined ? [] : [FAIL2BAN.file]),
    ...(desired.audit === undefined ? [] : [AUDIT.file]),
  ];
  return {
    system: systemFact(),
    packages: packagesFact(packages.names),
    services: baseServicesFact([
      ...(desired.time === undefined ? [] : TIME_SERVICES),
      ...(desired.journal === undefined ? [] : [JOURNALD]),
      ...(desired.keepsIpc ? [LOGIND] : []),
      ...(desired.fail2ban === undefined ? [] : [FAIL2BAN]),
      ...(desired.audit === undefined ? [] : [AUDITD]),
    ]),
    time: timeFact(desired.time !== undefined),
    paths: pathsFact([...files.map(({ path }) => path), ...tried, ...desired.unwanted], desired.unwanted),
    firewall: firewallFact(desired.firewall !== undefined),
    poolerPorts: poolerPortsFact(desired.firewall !== undefined),
    audit: auditFact(desired.audit === undefined ? undefined : { folders: foldersOf(desired.audit) }),
    sshd: sshdFact(desired.keysOnly),
    base: baseSystemFact({
      sysctl: [
        ...desired.sysctl.map(({ path }) => path),
        ...(desired.forBuffersMiB === undefined ? [] : [NR_HUGE_PAGES]),
      ],
      timezone: desired.timezone,
      noSwap: desired.noSwap,
      hugePages: desired.forBuffersMiB !== undefined,
    }),
  } satisfies FactSet;
}

export type BaseFacts = Answers<ReturnType<typeof questionsFor>>;

/** By host name. */
export type BaselineLooks = ReadonlyMap<string, Look<BaseFacts>>;
