import type { ObjectSchema } from "./schema.ts";
import { address, hostKey, label, loginName, port, secretName } from "./strings.ts";
import { celMessage, immutable } from "./rule.ts";

const privateKeySecretRef = {
  type: "object",
  description:
    "The Secret that holds the private key, of type kubernetes.io/ssh-auth or the same shape. The key must " +
    "have no passphrase: nobody is there to type it.",
  required: ["name"],
  properties: {
    name: { ...secretName, description: "Name of the Secret, in the same namespace." },
    key: {
      type: "string",
      pattern: "^[-._A-Za-z0-9]+$",
      wants: "the name of an entry in the Secret: letters, digits, - _ and .",
      minLength: 1,
      maxLength: 253,
      default: "ssh-privatekey",
      description: "The entry of the Secret that holds the key.",
    },
  },
} as const satisfies ObjectSchema;

const bastion = {
  type: "object",
  description: "A host to go through (ProxyJump) because the machine that runs pgha has no route to the hosts.",
  required: ["address", "hostKey"],
  properties: {
    address: { ...address, description: "Address of the bastion: an IPv4 or IPv6 literal or a DNS name." },
    port: { ...port, default: 22, description: "Port of the bastion's sshd." },
    user: { ...loginName, default: "root", description: "Login name on the bastion. It needs no privilege." },
    hostKey: { ...hostKey, description: "Public host key of the bastion. Always pinned." },
    via: {
      type: "string",
      enum: ["exec", "forward"],
      default: "exec",
      description:
        "How to get through: exec runs a relay command on the bastion (works with AllowTcpForwarding no; " +
        "needs bash, nc or python3 there, and takes the first that is), forward asks its sshd for a " +
        "direct-tcpip channel.",
    },
    privateKeySecretRef: {
      ...privateKeySecretRef,
      description: "A key for the bastion, if it is not the key used for the hosts.",
    },
  },
} as const satisfies ObjectSchema;

const become = {
  type: "string",
  enum: ["none", "sudo"],
  description: "How to get root: none when the user is root, sudo for a user who may run sudo without a password.",
} as const;

export const ssh = {
  type: "object",
  description: "How pgha reaches the hosts of this resource. A host can override parts of it.",
  required: ["privateKeySecretRef"],
  properties: {
    user: { ...loginName, default: "root", description: "Login name on the hosts." },
    port: { ...port, default: 22, description: "Port of sshd on the hosts." },
    privateKeySecretRef,
    become: { ...become, default: "none" },
    hostKeyPolicy: {
      type: "string",
      enum: ["pinned", "trust-on-first-use"],
      default: "pinned",
      description:
        "pinned: every host has a hostKey or a line in knownHosts, anything else is refused. " +
        "trust-on-first-use: the first key seen is recorded in status and from then on required.",
    },
    knownHosts: {
      type: "string",
      pattern: "^[\\x09\\x0a\\x20-\\x7e]*$",
      wants: "lines of a known_hosts file: printable ASCII",
      maxLength: 65536,
      description:
        "Lines of a known_hosts file, as an alternative to hostKey on each host. Hashed names are understood.",
    },
    bastion,
    connectTimeoutSeconds: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 300,
      default: 10,
      description: "How long to wait for a host to answer and log pgha in, in seconds.",
    },
  },
} as const satisfies ObjectSchema;

const hostSsh = {
  type: "object",
  description: "What differs on this host from spec.ssh.",
  properties: {
    user: { ...loginName, description: "Login name on this host." },
    port: { ...port, description: "Port of sshd on this host." },
    become,
    bastion,
  },
} as const satisfies ObjectSchema;

const keepsAddress = immutable(
  "the address of a host",
  "give a machine at another address another name, or remove the host and add it again",
);

/** What people are told of a host that is listed where it was not set up, whoever tells them. */
export const ADDRESS_KEPT = celMessage(keepsAddress);

/** The fields that every host has. `address` is immutable per name: another address is another machine. */
export const hostFields = {
  name: {
    ...label,
    description:
      "Name of the host, used in plans, status and logs and as the member's name in Patroni. Keep it for " +
      "the life of the machine.",
  },
  address: {
    ...address,
    rules: [keepsAddress],
    description: "Where the host is reached, by pgha and by the other hosts: an IPv4 or IPv6 literal or a DNS name.",
  },
  hostKey: {
    ...hostKey,
    description:
      "Public host key of this host, as in /etc/ssh/ssh_host_ed25519_key.pub there. A host that shows " +
      "another key is refused.",
  },
  ssh: hostSsh,
} as const;

/** Hosts of a pool. Members of a cluster carry a priority as well and have their own list. */
export const poolHosts = {
  type: "array",
  description: "The hosts that run this service.",
  minItems: 1,
  maxItems: 32,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: { type: "object", description: "One host.", required: ["name", "address"], properties: hostFields },
} as const;
