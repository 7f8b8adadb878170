/** One real login through a pooler. Error text never holds a password. */
export interface LoginFact {
  readonly role: string;
  readonly database: string;
  readonly purpose: "write" | "direct" | "read" | "wrong-password";
  readonly ok: boolean;
  /** Somebody answered, and refused this role, password or database: others may be served. */
  readonly refused?: true;
  /** For write: whether it landed on a primary. For read: whether it landed on a replica. */
  readonly inRecovery?: boolean;
  readonly serverAddress?: string;
  readonly error?: string;
}
