import type { RegistryLogin } from "../changes/material.ts";
import { asRecord, parseJson } from "../facts/narrow.ts";
import type { SecretDocument } from "./secret.ts";

/**
 * The login to a registry in a Secret: of type kubernetes.io/dockerconfigjson as it is, or a username and a password
 * for the registry that `reference` names. A text says what the Secret lacks.
 */
export function registryLogin(secret: SecretDocument, reference: string): RegistryLogin | string {
  const whole = secret.data[".dockerconfigjson"]?.reveal();
  if (whole !== undefined) {
    const auths = asRecord(asRecord(parseJson(whole))?.["auths"]);
    if (auths === undefined || Object.keys(auths).length === 0) return "its .dockerconfigjson has no auths";
    return { auths, secrets: Object.values(auths).flatMap(secretsOf) };
  }
  const [username, password] = [secret.data["username"]?.reveal(), secret.data["password"]?.reveal()];
  if (username === undefined || password === undefined || username === "" || password === "")
    return "it has neither .dockerconfigjson nor username and password";
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return { auths: { [registryOf(reference)]: { auth } }, secrets: [password, auth] };
}

/** As Docker reads a name: a first part with a dot or a port is a host, all else is Docker Hub's. */
export function registryOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost && first !== "docker.io" ? first : "https://index.docker.io/v1/";
}

function secretsOf(entry: unknown): readonly string[] {
  const { auth, password, identitytoken, registrytoken } = asRecord(entry) ?? {};
  const decoded = typeof auth === "string" ? Buffer.from(auth, "base64").toString("utf8").split(":").slice(1) : [];
  return [auth, password, identitytoken, registrytoken, decoded.join(":")].filter(
    (value) => typeof value === "string" && value !== "",
  ) as readonly string[];
}
