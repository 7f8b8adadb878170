import { clusterRefOf, parameterValue, paused } from "./common.ts";
import { everythingNeedsAdmins } from "./rules/cel.ts";
import type { ObjectSchema } from "./schema.ts";
import { statusField, statusFields, statusHosts } from "./status.ts";
import { auditd, fail2ban, journal, limits, time } from "./host-parts.ts";
import { cidr, port, resourceName } from "./strings.ts";

const targets = {
  type: "array",
  description:
    "Resources of the stack whose hosts are meant. Left out, all of them: those of the cluster and of its pools.",
  minItems: 1,
  maxItems: 32,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["kind", "name"],
  items: {
    type: "object",
    description: "One resource.",
    required: ["kind", "name"],
    properties: {
      kind: {
        type: "string",
        enum: ["PostgresHACluster", "HAProxyPool", "PgBouncerPool"],
        description: "Its kind.",
      },
      name: { ...resourceName, description: "Its name." },
    },
  },
} as const;

const sysctl = {
  type: "object",
  description:
    "Kernel settings, in a file of pgha's in /etc/sysctl.d and in force. Left out, none are set. A setting that is " +
    "taken out again keeps its value until the next boot.",
  properties: {
    defaults: {
      type: "boolean",
      description:
        "False to leave out what suits PostgreSQL and its proxies, as docs/kinds/hostbaseline.md lists it. Else it " +
        "is set, and what stands in values counts before it.",
    },
    values: {
      type: "object",
      additionalProperties: parameterValue,
      maxProperties: 200,
      description:
        "Settings of one's own by their key, such as net.core.somaxconn: 8192. Several numbers are written as one " +
        "text: '4096 87380 16777216'.",
    },
  },
} as const satisfies ObjectSchema;

const network = { ...cidr, description: "A network in CIDR notation." } as const;

const firewall = {
  type: "object",
  description:
    "pgha's own table of nftables, from what the stack declares. Left out, there is none. Where another firewall " +
    "(ufw, firewalld) is switched on, it is left to that one, and what is missing there is said.",
  rules: [everythingNeedsAdmins],
  properties: {
    drop: {
      type: "string",
      enum: ["services", "everything"],
      description:
        "What is dropped that no rule allows. services: what comes to a port of the stack or of rules; all other " +
        "ports are as they were. everything: all that comes in, but answers and ICMP. services if it is left out.",
    },
    adminNetworks: {
      type: "array",
      items: network,
      maxItems: 100,
      "x-kubernetes-list-type": "set",
      description:
        "Networks that may log in by SSH: people's, and the one that pgha comes from. Bastions are let in by " +
        "themselves. Left out, nothing is said of SSH.",
    },
    rules: {
      type: "array",
      maxItems: 100,
      "x-kubernetes-list-type": "atomic",
      description: "What else is let in, such as an exporter of metrics.",
      items: {
        type: "object",
        description: "Ports, and who may use them.",
        required: ["ports", "from"],
        properties: {
          title: {
            type: "string",
            pattern: "^[A-Za-z0-9 .-]+$",
            wants: "letters, digits, blanks, . and -",
            minLength: 1,
            maxLength: 60,
            description: "What it is for. Stands beside the rule on the host.",
          },
          ports: {
            type: "array",
            items: { ...port, description: "A port." },
            minItems: 1,
            maxItems: 50,
            "x-kubernetes-list-type": "set",
            description: "Ports.",
          },
          protocol: { type: "string", enum: ["tcp", "udp"], description: "tcp if it is left out." },
          from: {
            type: "array",
            items: network,
            minItems: 1,
            maxItems: 100,
            "x-kubernetes-list-type": "set",
            description: "Networks that are let in.",
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;

/** spec of a HostBaseline */
export const baselineSpec = {
  type: "object",
  description: "What the hosts should be like.",
  required: ["clusterRef"],
  properties: {
    clusterRef: clusterRefOf(
      "The PostgresHACluster in the same namespace whose stack this is about: its own hosts and those of its pools.",
      "make a new HostBaseline for the other cluster, then delete this one",
    ),
    targets,
    packages: {
      type: "array",
      items: {
        type: "string",
        pattern: "^[a-z0-9][a-z0-9+.-]+$",
        wants: "the name of a Debian package: lower-case letters, digits, + - and .",
        minLength: 2,
        maxLength: 100,
        description: "Name of a package.",
      },
      maxItems: 200,
      "x-kubernetes-list-type": "set",
      default: [],
      description:
        "Packages of the distribution that are installed, in any version. What is taken out of the list stays " +
        "installed. Services that come with a package start as they always do.",
    },
    timezone: {
      type: "string",
      pattern: "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$",
      wants: "the name of a time zone such as UTC or Europe/Berlin",
      minLength: 1,
      maxLength: 64,
      description: "Time zone of the hosts, as in /usr/share/zoneinfo. Left out, it stays as it is.",
    },
    sysctl,
    transparentHugePages: {
      type: "string",
      enum: ["never", "madvise"],
      description:
        "Whether the kernel gives programs huge pages unasked: never, or to those that ask (madvise). On members it " +
        "is compaction that makes sessions stall. Left out, it stays as it is.",
    },
    hugePages: {
      type: "string",
      enum: ["shared-buffers"],
      description:
        "shared-buffers: members reserve as many huge pages as the cluster's shared_buffers take (vm.nr_hugepages), " +
        "now where memory has room for them, else with the next boot. PostgreSQL takes them at its next start. Left " +
        "out, none are reserved.",
    },
    unattendedUpgrades: {
      type: "string",
      enum: ["not-databases"],
      description:
        "not-databases: unattended-upgrades leaves PostgreSQL, Patroni, HAProxy and PgBouncer alone, since their " +
        "upgrade restarts them all at once. Left out, a file of pgha's about it is taken away.",
    },
    firewall,
    sshd: {
      type: "string",
      enum: ["keys-only"],
      description:
        "keys-only: nobody logs in by a password, and root by key only where root may log in at all. Left out, sshd " +
        "is left alone, and a file of pgha's is taken away.",
    },
    fail2ban,
    auditd,
    time,
    swap: {
      type: "string",
      enum: ["none"],
      description:
        "none: swap is turned off and commented out of /etc/fstab. Left out, lines that pgha commented out are put " +
        "back, for the next boot.",
    },
    limits,
    journal,
    removeIpc: {
      type: "string",
      enum: ["never"],
      description:
        "never: logind leaves the shared memory of a user who logs out (RemoveIPC=no); PostgreSQL fails when its own " +
        "is taken away. Left out, a file of pgha's is taken away.",
    },
    paused,
  },
} as const satisfies ObjectSchema;

/** status of a HostBaseline */
export const baselineStatus = {
  type: "object",
  description: "What pgha last observed. Written by pgha alone.",
  default: {},
  properties: {
    ...statusFields,
    readyHosts: statusField.word("Hosts where all of it is in force, of all: 5/5."),
    hosts: statusHosts,
  },
} as const satisfies ObjectSchema;
