import { generateKeyPair } from "../../ssh-server/keys.ts";

/** A stack whose hosts are addresses of loopback where nobody lets the operator in. */
export function trialStack(namespace: string, subnet: number, port: number): string {
  const { publicKey, privateKey } = generateKeyPair();
  const of = (kind: string, address: string, more: object): object => ({
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind,
    metadata: { name: "trial", namespace },
    spec: {
      ssh: { port, privateKeySecretRef: { name: "key" } },
      hosts: [{ name: `at-${address.replaceAll(".", "-")}`, address, hostKey: publicKey }],
      ...more,
    },
  });
  const items = [
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/ssh-auth",
      metadata: { name: "key", namespace },
      stringData: { "ssh-privatekey": privateKey },
    },
    of("PostgresHACluster", `127.0.${subnet}.1`, {
      allowSingleMember: true,
      postgresql: { version: 17, dataVolume: { mountPath: "/srv/postgres" } },
    }),
    of("HAProxyPool", `127.0.${subnet}.2`, { clusterRef: { name: "trial" }, deletionPolicy: "Stop" }),
    of("PgBouncerPool", `127.0.${subnet}.2`, { clusterRef: { name: "trial" }, deletionPolicy: "Stop" }),
    {
      apiVersion: "pgha.keybuzz.io/v1alpha1",
      kind: "HostBaseline",
      metadata: { name: "trial", namespace },
      spec: { clusterRef: { name: "trial" }, timezone: "UTC" },
    },
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
