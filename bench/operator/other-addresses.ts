import { createHash } from "node:crypto";
import type { StoredResource } from "../../src/state/live-resource.ts";
import { desireHAProxyPool } from "../../src/reconcilers/haproxy-pool/desire.ts";
import { resolveHAProxyPool } from "../../src/reconcilers/haproxy-pool/resolve.ts";
import { contextOf, readInputs } from "../../src/reconcilers/context.ts";
import { desirePgBouncerPool } from "../../src/reconcilers/pgbouncer-pool/desire.ts";
import { resolvePgBouncerPool } from "../../src/reconcilers/pgbouncer-pool/resolve.ts";
import { desireCluster } from "../../src/reconcilers/postgres-ha-cluster/desire.ts";
import { resolveCluster } from "../../src/reconcilers/postgres-ha-cluster/resolve.ts";
import type { DesiredHost } from "../../src/desired/host.ts";
import { stackFrom, worldFrom } from "./recording.ts";
import type { Recording } from "./recording.ts";

/** The same recording, as hosts at other addresses in another namespace would have answered. */
export async function atOtherAddresses(
  recording: Recording,
  namespace: string,
  addressOf: (address: string) => string,
): Promise<Recording> {
  const addresses = [...new Set(recording.resources.flatMap((resource) => stackHosts(resource)))];
  const move = (text: string): string =>
    addresses.reduce(
      (moved, address) =>
        moved.replaceAll(new RegExp(`(?<![0-9.])${address.replaceAll(".", "\\.")}(?![0-9])`, "g"), addressOf(address)),
      text,
    );
  const resources = recording.resources.map((resource) =>
    inNamespace(JSON.parse(move(JSON.stringify(resource))) as StoredResource, namespace),
  );
  const secrets = recording.secrets.map((secret) => inNamespace(secret, namespace));
  const [before, after] = await Promise.all([
    digests({ ...recording, resources: recording.resources }),
    digests({ ...recording, resources, secrets }),
  ]);
  const renamed = new Map(before.map((digest, index) => [digest, after[index] ?? ""]));
  const redigest = (text: string): string => text.replaceAll(/[0-9a-f]{16,64}/g, (word) => renamed.get(word) ?? word);
  const answers = Object.fromEntries(
    Object.entries(recording.answers).map(([host, answer]) => [host, redigest(move(answer))]),
  );
  return { resources, secrets, answers };
}

/** Everything in an answer that follows from rendered files: the digests of these, and the marks of what is loaded. */
async function digests({ resources, secrets }: Recording): Promise<readonly string[]> {
  const { world, close } = await worldFrom(resources, secrets, (shell) => shell);
  const context = contextOf(await readInputs(stackFrom(resources), world));
  await close();
  const ofHost = ({ files }: DesiredHost): readonly string[] =>
    files.map(({ content }) => createHash("sha256").update(content).digest("hex"));
  return [
    ...context.clusters.flatMap((cluster) => {
      const { resolved } = resolveCluster(cluster, context);
      return resolved === undefined
        ? []
        : desireCluster(resolved).members.flatMap((member) => [
            ...ofHost(member.host),
            member.service.loadedMark,
            member.startDigest,
          ]);
    }),
    ...context.haproxyPools.flatMap((pool) => {
      const { resolved } = resolveHAProxyPool(pool, context);
      return resolved === undefined
        ? []
        : desireHAProxyPool(resolved).hosts.flatMap(({ host, service }) => [
            ...ofHost(host),
            ...words(service.loadedMark),
          ]);
    }),
    ...context.pgbouncerPools.flatMap((pool) => {
      const { resolved } = resolvePgBouncerPool(pool, context);
      const version = resources.find(({ kind }) => kind === "PgBouncerPool")?.status?.hosts?.[0]?.versions?.[
        "pgbouncer"
      ];
      return resolved === undefined
        ? []
        : desirePgBouncerPool(resolved).hosts.flatMap((host) => [
            ...ofHost(host.with(version).host),
            ...words(host.with(version).service.loadedMark),
          ]);
    }),
  ];
}

/** The hexadecimal words in a mark. */
function words(mark: string): readonly string[] {
  return mark.match(/[0-9a-f]{16,64}/g) ?? [];
}

function stackHosts({ spec }: StoredResource): readonly string[] {
  return (spec as { readonly hosts: readonly { readonly address: string }[] }).hosts.map(({ address }) => address);
}

function inNamespace<T extends { readonly metadata: { readonly name: string } }>(object: T, namespace: string): T {
  return { ...object, metadata: { name: object.metadata.name, namespace } };
}
