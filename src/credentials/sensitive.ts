import { isSecret, secret } from "../shell/secret.ts";
import type { Secret } from "../shell/secret.ts";

/**
 * A text that shows itself as `***` wherever it is printed, logged or serialised. It is the same thing that the
 * shell sends to a host's standard input; here it has a name that cannot be mistaken for a Secret document.
 */
export type Sensitive = Secret;

export const sensitive: (text: string) => Sensitive = secret;

export const isSensitive: (value: unknown) => value is Sensitive = isSecret;
