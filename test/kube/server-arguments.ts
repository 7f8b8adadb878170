import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where one API server's files and ports are. */
export interface Layout {
  readonly folder: string;
  readonly adminToken: string;
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly api: number;
    readonly controllerManager: number;
  };
}

/** etcd without fsync: nothing here has to survive the machine. */
export function etcdArguments({ folder, ports }: Layout): readonly string[] {
  const clients = etcdUrl(ports.etcd);
  const peers = etcdUrl(ports.etcdPeer);
  return [
    `--data-dir=${join(folder, "etcd")}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ];
}

/**
 * RBAC, the default admission plugins, service-account tokens, a static token for the admin, a self-signed certificate.
 */
export function apiServerArguments({ folder, ports }: Layout): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl(ports.etcd)}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.api}`,
    `--cert-dir=${join(folder, "certificates")}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "service-account.pub")}`,
    `--service-account-signing-key-file=${join(folder, "service-account.key")}`,
    "--service-cluster-ip-range=10.0.0.0/24",
    "--endpoint-reconciler-type=none",
    "--shutdown-delay-duration=0",
    "--profiling=false",
  ];
}

/** Only what Kubernetes itself would do to objects that pgha makes: owner references, namespaces, service accounts. */
export function controllerManagerArguments({ folder, ports }: Layout): readonly string[] {
  return [
    `--kubeconfig=${adminKubeconfig(folder)}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.controllerManager}`,
    `--cert-dir=${join(folder, "controller-manager")}`,
    "--leader-elect=false",
    "--use-service-account-credentials=false",
    `--service-account-private-key-file=${join(folder, "service-account.key")}`,
    "--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller",
  ];
}

/** The secrets that the servers read from files, written once. */
export function writeServerSecrets({ folder, adminToken }: Layout): void {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  writeFileSync(join(folder, "service-account.pub"), pair.publicKey, { mode: 0o600 });
  writeFileSync(join(folder, "service-account.key"), pair.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "tokens.csv"), `${adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
}

export function adminKubeconfig(folder: string): string {
  return join(folder, "admin.kubeconfig");
}

/** The API server writes its self-signed certificate here, with the authority that signed it. */
export function certificateFile(folder: string): string {
  return join(folder, "certificates", "apiserver.crt");
}

export function etcdUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
