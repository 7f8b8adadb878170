import { isUtf8 } from "node:buffer";
import { dump } from "js-yaml";
import type { SecretDocument as WrittenSecret } from "../api/secret-document.ts";
import { shownName } from "../api/shown.ts";
import type { Problem } from "../errors.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";

/**
 * A Kubernetes Secret in memory: decoded, and with values that do not show. What a file or the API server has is a
 * WrittenSecret.
 */
export interface SecretDocument {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** kubernetes.io/basic-auth, kubernetes.io/ssh-auth, Opaque... */
  readonly type: string;
  /** Kubernetes refuses every change of its data. */
  readonly immutable?: true;
  /** Another program keeps it (external-secrets, sealed-secrets), by its controller reference. */
  readonly controlled?: true;
  readonly data: Readonly<Record<string, Sensitive>>;
}

/** Secrets by name. */
export type SecretsByName = ReadonlyMap<string, SecretDocument>;

/** Takes a Secret out of its document, or says what cannot be read. stringData wins over data, as in Kubernetes. */
export function readSecretDocument(document: WrittenSecret): {
  readonly secret?: SecretDocument;
  readonly problems: readonly Problem[];
} {
  const { metadata } = document;
  const data = new Map<string, Sensitive>();
  const problems: Problem[] = [];
  for (const [key, encoded] of Object.entries(document.data ?? {})) {
    const bytes = Buffer.from(encoded.replaceAll(/\s/g, ""), "base64");
    const refuse = (message: string, wayOut: string) =>
      problems.push({ resource: `Secret/${metadata.name}`, path: `data.${shownName(key)}`, message, wayOut });
    if (bytes.toString("base64") !== encoded.replaceAll(/\s/g, "")) {
      refuse("is not base64", "write plain text under stringData, or encode it: printf '%s' VALUE | base64 -w0");
    } else if (!isUtf8(bytes)) {
      refuse("is not UTF-8 text once decoded", "encode the text itself: printf '%s' VALUE | base64 -w0");
    } else {
      data.set(key, sensitive(bytes.toString("utf8")));
    }
  }
  for (const [key, text] of Object.entries(document.stringData ?? {})) {
    data.set(key, sensitive(text));
  }
  if (problems.length > 0) {
    return { problems };
  }
  const secret: SecretDocument = {
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    type: document.type ?? "Opaque",
    ...(document.immutable === true ? { immutable: true } : {}),
    data: Object.fromEntries(data),
  };
  return { secret, problems };
}

/** The document of a Secret, values in base64: what `kubectl apply` takes. It shows the values to whoever prints it. */
export function writtenSecret(secret: SecretDocument): WrittenSecret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: secret.name,
      ...(secret.namespace === undefined ? {} : { namespace: secret.namespace }),
      ...(Object.keys(secret.labels).length === 0 ? {} : { labels: secret.labels }),
      ...(Object.keys(secret.annotations).length === 0 ? {} : { annotations: secret.annotations }),
    },
    type: secret.type,
    ...(secret.immutable === true ? { immutable: true } : {}),
    data: Object.fromEntries(
      Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value.reveal(), "utf8").toString("base64")]),
    ),
  };
}

/** The same as YAML text, for a file that nobody else may read. */
export function formatSecret(secret: SecretDocument): string {
  return dump(writtenSecret(secret), { lineWidth: -1, noRefs: true });
}
