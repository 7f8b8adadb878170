import { generatePassword } from "./generate-password.ts";
import { isRenewable, LABELS } from "./made.ts";
import { makeVerifier } from "./scram.ts";
import type { SecretDocument } from "./secret.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";
import type { SecretWish } from "./wish.ts";

/**
 * Keys that say where to log in: they follow from the stack, and from the account beside them. The uri comes last,
 * being made of the others.
 */
export const ENDPOINT_KEYS: readonly string[] = ["host", "port", "dbname", "uri"];

/** Keys that a Secret must have for this wish, in the order in which they are made. */
export function wantedKeys(wish: SecretWish): readonly string[] {
  return [
    "username",
    "password",
    ...(wish.verifier ? ["verifier"] : []),
    ...(wish.endpoint === undefined ? [] : ENDPOINT_KEYS),
  ];
}

/** A new Secret for a wish, with a random password. */
export function createSecret(wish: SecretWish): SecretDocument {
  const empty: SecretDocument = {
    name: wish.name,
    ...(wish.namespace === undefined ? {} : { namespace: wish.namespace }),
    labels: { [LABELS.managedBy]: "pgha", [LABELS.cluster]: wish.cluster },
    annotations: {},
    type: "kubernetes.io/basic-auth",
    data: { password: generatePassword() },
  };
  return completeSecret(wish, empty);
}

/**
 * The Secret with the keys it lacks. What is there stays: a password is never replaced, a verifier is made once. Only
 * where to log in is said anew, and only in a Secret that pgha made.
 */
export function completeSecret(wish: SecretWish, secret: SecretDocument): SecretDocument {
  const data: Record<string, Sensitive> = { ...secret.data };
  const renewed: readonly string[] = isRenewable(secret, wish.cluster) ? ENDPOINT_KEYS : [];
  for (const key of wantedKeys(wish)) {
    if (data[key] === undefined || renewed.includes(key)) data[key] = sensitive(derived(key, wish, data));
  }
  return { ...secret, data };
}

/** The same without a new verifier, and with nothing said anew. */
export function fillSecret(wish: SecretWish, secret: SecretDocument): SecretDocument {
  const data: Record<string, Sensitive> = { ...secret.data };
  for (const key of wantedKeys(wish)) {
    if (data[key] === undefined && key !== "verifier" && key !== "password")
      data[key] = sensitive(derived(key, wish, data));
  }
  return { ...secret, data };
}

/** The same Secret with another password, and all that follows from it made anew. */
export function rotateSecret(wish: SecretWish, secret: SecretDocument): SecretDocument {
  const { verifier: _, uri: __, ...data } = secret.data;
  return completeSecret(wish, { ...secret, data: { ...data, password: generatePassword() } });
}

/** Whether a key that is there says something else than it would now. Only those can that pgha renews. */
export function isOutdated(wish: SecretWish, secret: SecretDocument): boolean {
  const { data } = completeSecret(wish, secret);
  return ENDPOINT_KEYS.some(
    (key) => secret.data[key] !== undefined && secret.data[key].reveal() !== data[key]?.reveal(),
  );
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
      return connectionUri({
        username: of("username"),
        password: of("password"),
        // Whoever wrote another host there means that one.
        hosts: of("host") === wish.endpoint?.host ? (wish.endpoint.hosts ?? [of("host")]) : [of("host")],
        port: of("port"),
        dbname: of("dbname"),
        ...(wish.endpoint?.only === undefined ? {} : { only: wish.endpoint.only }),
      });
    default:
      throw new TypeError(`nothing to make ${key} of`);
  }
}

/** Seconds that libpq gives one host before it tries the next. Without, it would wait minutes for one without power. */
const CONNECT_SECONDS = 5;

/**
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS: every part percent-encoded (F69).
 * Several hosts are tried one after the other.
 */
export function connectionUri(parts: {
  readonly username: string;
  readonly password: string;
  readonly hosts: readonly string[];
  readonly port: string;
  readonly dbname: string;
  readonly only?: "read-write";
}): string {
  const places = parts.hosts.map((host) => `${host.includes(":") ? `[${host}]` : encode(host)}:${encode(parts.port)}`);
  const only = parts.only === undefined ? "" : `target_session_attrs=${parts.only}&`;
  const query = places.length < 2 ? "" : `?${only}connect_timeout=${CONNECT_SECONDS}`;
  const login = `${encode(parts.username)}:${encode(parts.password)}`;
  return `postgresql://${login}@${places.join(",")}/${encode(parts.dbname)}${query}`;
}

/** encodeURIComponent leaves !'()* as they are, which some parsers and all shells take for more than text. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
