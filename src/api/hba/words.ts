/** What a line of pg_hba.conf may begin with: which connections it is for. */
export const HBA_TYPES = ["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"] as const;
export type HbaType = (typeof HBA_TYPES)[number];

/** How clients prove who they are. */
export const HBA_METHODS = [
  "trust",
  "reject",
  "scram-sha-256",
  "md5",
  "password",
  "gss",
  "sspi",
  "ident",
  "peer",
  "ldap",
  "radius",
  "cert",
  "pam",
  "bsd",
  "oauth",
] as const;
export type HbaMethod = (typeof HBA_METHODS)[number];
