import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { lazyServices } from "../../src/cli/services.ts";
import { generateKeyPair } from "../ssh-server/keys.ts";
import { startSshServer } from "../ssh-server/ssh-server.ts";
import type { SshServer } from "../ssh-server/ssh-server.ts";
import { pgha } from "../unit/cli/fake-environment.ts";
import type { Ran } from "../unit/cli/fake-environment.ts";
import { emptyFolder } from "../unit/cli/manifest-folder.ts";

export interface OneHost {
  readonly server: SshServer;
  /** Holds pgha.yaml, and .pgha once something ran. */
  readonly folder: string;
  readonly privateKey: string;
  /** Runs pgha there, against the real engine. */
  readonly pgha: (...words: readonly string[]) => Promise<Ran>;
}

export interface Wishes {
  /** Lines of the host's entry; the server's own key by default. */
  readonly hostKey?: (server: SshServer) => string | undefined;
  readonly hostKeyPolicy?: "pinned" | "trust-on-first-use";
  /** What is given as the private key; the right one by default, undefined for no Secret at all. */
  readonly privateKey?: (right: string) => string | undefined;
}

/** A manifest for one host, which is an SSH server in this process that answers every command with nothing. */
export async function oneHost(context: TestContext, wishes: Wishes = {}): Promise<OneHost> {
  const pair = generateKeyPair();
  const server = await startSshServer({ authorizedKey: pair.publicKey, onExec: async () => ({ code: 0, stdout: "" }) });
  context.after(() => server.close());
  const folder = emptyFolder(context);
  const hostKey = wishes.hostKey === undefined ? server.hostKeys[0] : wishes.hostKey(server);
  const privateKey = wishes.privateKey === undefined ? pair.privateKey : wishes.privateKey(pair.privateKey);
  const cluster = {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "PostgresHACluster",
    metadata: { name: "main" },
    spec: {
      allowSingleMember: true,
      ssh: {
        port: server.port,
        privateKeySecretRef: { name: "vm-ssh" },
        hostKeyPolicy: wishes.hostKeyPolicy ?? "pinned",
      },
      hosts: [{ name: "db-1", address: "127.0.0.1", ...(hostKey === undefined ? {} : { hostKey }) }],
      postgresql: { version: 17, dataVolume: { mountPath: "/srv/postgres" } },
      // No artifact is fetched for what these tests ask.
      patroni: { dcs: { raft: { pysyncobj: "distribution" } } },
    },
  };
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "vm-ssh" },
    type: "kubernetes.io/ssh-auth",
    stringData: { "ssh-privatekey": privateKey },
  };
  writeFileSync(
    join(folder, "pgha.yaml"),
    [cluster, ...(privateKey === undefined ? [] : [secret])]
      .map((document) => JSON.stringify(document))
      .join("\n---\n"),
  );
  return {
    server,
    folder,
    privateKey: pair.privateKey,
    pgha: async (...words) => pgha(words, { workingDirectory: folder, services: lazyServices }),
  };
}
