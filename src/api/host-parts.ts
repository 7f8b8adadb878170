import type { ObjectSchema } from "./schema.ts";
import { address, cidr } from "./strings.ts";

/** spec.time of a HostBaseline */
export const time = {
  type: "object",
  description:
    "A time service that runs, comes up with the host and is synchronised: the one that is there, or chrony where " +
    "there is none. A clock that is more than half a second off keeps the resource from being Ready. Left out, " +
    "nothing is done about clocks.",
  properties: {
    servers: {
      type: "array",
      items: { ...address, description: "DNS name, IPv4 or IPv6 address of an NTP server." },
      minItems: 1,
      maxItems: 16,
      "x-kubernetes-list-type": "set",
      description:
        "NTP servers of one's own, which chrony or systemd-timesyncd asks and believes before those of the " +
        "distribution, which stay. Left out, these alone are asked.",
    },
  },
} as const satisfies ObjectSchema;

/** spec.limits of a HostBaseline */
export const limits = {
  type: "object",
  description:
    "Limits of whoever logs in (/etc/security/limits.d). Services have theirs in their units. Left out, a file " +
    "of pgha's is taken away.",
  properties: {
    openFiles: {
      type: "integer",
      format: "int32",
      minimum: 1024,
      maximum: 1048576,
      description: "Open files that a login may have.",
    },
  },
} as const satisfies ObjectSchema;

const duration = {
  type: "string",
  pattern: "^[1-9][0-9]{0,5}[smhdw]$",
  wants: "a number and s, m, h, d or w, such as 10m",
  maxLength: 7,
} as const;

/** spec.fail2ban of a HostBaseline */
export const fail2ban = {
  type: "object",
  description:
    "fail2ban is installed, runs and bans addresses that fail to log in by SSH; those of the stack, of its bastions " +
    "and in firewall.adminNetworks never. Left out, a file of pgha's is taken away, and a fail2ban stays as it is.",
  properties: {
    maxRetry: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 1000,
      description: "Failures within findTime that lead to a ban. 5 if it is left out.",
    },
    findTime: { ...duration, description: "Time in which failures are counted. 10m if it is left out." },
    banTime: { ...duration, description: "How long a ban lasts. 1h if it is left out." },
    ignore: {
      type: "array",
      items: { ...cidr, description: "A network in CIDR notation." },
      minItems: 1,
      maxItems: 100,
      "x-kubernetes-list-type": "set",
      description: "Further networks that are never banned.",
    },
  },
} as const satisfies ObjectSchema;

/** spec.auditd of a HostBaseline */
export const auditd = {
  type: "object",
  description:
    "auditd is installed and runs, and the kernel audits by rules of pgha's beside those of others: who changed " +
    "identities, sshd's, Patroni's and pgha's configuration, kernel modules and the clock. Left out, pgha's rules " +
    "are taken out, and an auditd stays as it is.",
  properties: {
    rules: {
      type: "array",
      items: {
        type: "string",
        minLength: 1,
        maxLength: 500,
        description: "A rule as in audit.rules(7): -w, or -a and -A with the list exit.",
      },
      minItems: 1,
      maxItems: 200,
      "x-kubernetes-list-type": "atomic",
      description:
        "Rules of one's own, after pgha's. What they are about must be there, or the folder that it is in. pgha adds " +
        "a key to each, pgha-baseline, by which it knows them again.",
    },
  },
} as const satisfies ObjectSchema;

/** spec.journal of a HostBaseline */
export const journal = {
  type: "object",
  description: "systemd's journal. Left out, a file of pgha's is taken away.",
  properties: {
    maxUse: {
      type: "string",
      pattern: "^[1-9][0-9]*[KMGT]$",
      wants: "a size such as 500M or 2G",
      maxLength: 12,
      description: "How much of the disk the journal may take (SystemMaxUse).",
    },
  },
} as const satisfies ObjectSchema;
