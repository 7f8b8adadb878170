import { generatePassword } from "./generate-password.ts";
import type { SecretDocument } from "./secret.ts";
import { makeVerifier } from "./scram.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";
import type { SecretWish } from "./wish.ts";

/** Keys that a Secret must have for this wish, in the order in which they are made. */
export function wantedKeys(wish: SecretWish): readonly string[] {
  return ["username", "password", ...(wish.verifier ? ["verifier"] : []), ...(wish.endpoint === undefined ? [] : ["host", "port", "dbname", "uri"])];
}

/** A new Secret for a wish, with a random password. */
export function createSecret(wish: SecretWish): SecretDocument {
  const empty: SecretDocument = {
    name: wish.name,
    ...(wish.namespace === undefined ? {} : { namespace: wish.namespace }),
    labels: { "app.kubernetes.io/managed-by": "pgha", "pgha.keybuzz.io/cluster": wish.cluster },
    annotations: {},
    type: "kubernetes.io/basic-auth",
    data: { password: generatePassword() },
  };
  return completeSecret(wish, empty);
}

/** The Secret with the keys it lacks. What is there stays: a password is never replaced, a verifier is made once. */
export function completeSecret(wish: SecretWish, secret: SecretDocument): SecretDocument {
  const data: Record<string, Sensitive> = { ...secret.data };
  for (const key of wantedKeys(wish)) {
    data[key] ??= sensitive(derived(key, wish, data));
  }
  return { ...secret, data };
}

function derived(key: string, wish: SecretWish, data: Readonly<Record<string, Sensitive>>): string {
  const of = (name: string): string => data[name]?.reveal() ?? "";
  switch (key) {
    case "username":
      return wish.username;
    case "verifier":
      return makeVerifier(sensitive(of("password"))).reveal();
    case "host":
      return wish.endpoint?.host ?? "";
    case "port":
      return String(wish.endpoint?.port ?? "");
    case "dbname":
      return wish.endpoint?.dbname ?? "";
    case "uri":
      return connectionUri({ username: of("username"), password: of("password"), host: of("host"), port: of("port"), dbname: of("dbname") });
    default:
      throw new TypeError(`nothing to make ${key} of`);
  }
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS: every part percent-encoded (F69). */
export function connectionUri(parts: { readonly username: string; readonly password: string; readonly host: string; readonly port: string; readonly dbname: string }): string {
  const host = parts.host.includes(":") ? `[${parts.host}]` : encode(parts.host);
  return `postgresql://${encode(parts.username)}:${encode(parts.password)}@${host}:${encode(parts.port)}/${encode(parts.dbname)}`;
}

/** encodeURIComponent leaves !'()* as they are, which some parsers and all shells take for more than text. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
