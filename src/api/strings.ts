/** Shapes of strings that several fields share. All are in the common subset of RE2 (Kubernetes) and JavaScript. */

/** A DNS-1123 label. */
export const label = {
  type: "string",
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
  wants: "lower-case letters, digits and hyphens, starting and ending with a letter or digit",
  minLength: 1,
  maxLength: 63,
} as const;

/** The name of another resource in the same namespace. */
export const resourceName = { ...label, maxLength: 40 } as const;

/** The name of a Secret: a DNS-1123 subdomain. */
export const secretName = {
  type: "string",
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
  wants: "lower-case letters, digits, hyphens and dots, as Kubernetes asks of the name of a Secret",
  minLength: 1,
  maxLength: 253,
} as const;

/** An IPv4 or IPv6 literal or a DNS name. The finer points are in rules/addresses.ts. */
export const address = {
  type: "string",
  pattern:
    "^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*|" +
    "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)$",
  wants: "an IPv4 or IPv6 address or a DNS name, without a port",
  minLength: 1,
  maxLength: 253,
} as const;

/** A network in CIDR notation. The finer points are in rules/addresses.ts. */
export const cidr = {
  type: "string",
  pattern: "^[0-9A-Fa-f:.]+/[0-9]{1,3}$",
  wants: "a network such as 10.0.0.0/16 or fd00::/8",
  minLength: 3,
  maxLength: 49,
} as const;

/** An absolute path whose parts need no quoting anywhere: no `..`, no hidden parts, no trailing slash, not `/`. */
export const absolutePath = {
  type: "string",
  pattern: "^(/[A-Za-z0-9_][A-Za-z0-9._-]*)+$",
  wants:
    "an absolute path such as /opt/postgres/data: letters, digits, . _ - and /, without '..', a hidden part " +
    "or a slash at the end",
  minLength: 2,
  maxLength: 200,
} as const;

/** The name of a role, database or extension: what PostgreSQL keeps in 63 bytes, with nothing to escape in it. */
export const identifier = {
  type: "string",
  pattern: "^[a-z_][a-z0-9_-]*$",
  wants: "at most 63 lower-case letters, digits, _ and -, starting with a letter or _",
  minLength: 1,
  maxLength: 63,
} as const;

/** The UUID of a filesystem, as lsblk shows it. */
export const filesystemUuid = {
  type: "string",
  pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
  wants: "the UUID of a filesystem in lower case, as lsblk -f shows it on that host",
  maxLength: 36,
} as const;

/** The label of a filesystem. Others than these are escaped where udev makes links of them. */
export const filesystemLabel = {
  type: "string",
  pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
  wants: "the label of a filesystem: letters, digits, _ . and -, starting with a letter or digit",
  maxLength: 64,
} as const;

export const port = { type: "integer", format: "int32", minimum: 1, maximum: 65535 } as const;

/** A public host key as in /etc/ssh/ssh_host_ed25519_key.pub; a comment at its end is allowed. */
export const hostKey = {
  type: "string",
  pattern:
    "^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256|ecdsa-sha2-nistp384|ecdsa-sha2-nistp521) " +
    "[A-Za-z0-9+/]+={0,2}( [ -~]*)?$",
  wants:
    "a whole public key on one line such as 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...', as in " +
    "/etc/ssh/ssh_host_ed25519_key.pub on that host",
  minLength: 1,
  maxLength: 2048,
} as const;

/** A login name on a host. */
export const loginName = {
  type: "string",
  pattern: "^[A-Za-z_][A-Za-z0-9._-]*$",
  wants: "a login name: letters, digits, . _ and -, starting with a letter or _",
  minLength: 1,
  maxLength: 32,
} as const;

/** Schema of the path of a file where pgha runs; what the file is for is each field's own. */
export const localFile = {
  type: "string",
  pattern: "^[^-\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$",
  wants: "the path of a file, without control characters and not starting with '-'",
  minLength: 1,
  maxLength: 1024,
} as const;
