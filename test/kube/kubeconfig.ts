import { writeFileSync } from "node:fs";

/** What a client needs to reach the API server as one user. */
export interface KubeconfigContent {
  readonly url: string;
  /** PEM of the certificates to trust; undefined for a plain http url. */
  readonly certificateAuthority: string | undefined;
  readonly token: string;
  readonly user: string;
  readonly namespace?: string;
}

/** Writes a kubeconfig (JSON is YAML), readable by its owner alone. */
export function writeKubeconfig(path: string, content: KubeconfigContent): void {
  const trust =
    content.certificateAuthority === undefined
      ? { "insecure-skip-tls-verify": true }
      : { "certificate-authority-data": Buffer.from(content.certificateAuthority).toString("base64") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server: content.url, ...trust } }],
    users: [{ name: content.user, user: { token: content.token } }],
    contexts: [
      { name: "test", context: { cluster: "test", user: content.user, namespace: content.namespace ?? "default" } },
    ],
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}
