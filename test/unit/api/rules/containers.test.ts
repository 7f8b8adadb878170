import { DB, POOLER, PROXY, testCases } from "../cases.ts";
import { force } from "../stack.ts";

const image = { id: `sha256:${"0123456789abcdef".repeat(4)}` };

testCases([
  {
    reason: "all of a stack may run in containers, of images that are told by id",
    spoil: ({ cluster, haproxy, pgbouncer }) => {
      for (const { spec } of [cluster, haproxy, pgbouncer])
        Object.assign(spec, { runtime: "container", container: { image } });
    },
  },
  {
    reason: "a container without an image is refused",
    spoil: ({ haproxy }) => Object.assign(haproxy.spec, { runtime: "container" }),
    problems: [`${PROXY} spec.container`],
    says: /goes with runtime container/,
  },
  {
    reason: "an image that nothing runs from is refused, since somebody thinks that it does",
    spoil: ({ pgbouncer }) => Object.assign(pgbouncer.spec, { container: { image } }),
    problems: [`${POOLER} spec.container`],
    says: /goes with runtime container/,
  },
  ...["latest", "pgbouncer:1.24", "sha256:0123456789ab", `${image.id}0`].map((id) => ({
    reason: `an image is told by its id in full, not as ${id}`,
    spoil: ({ pgbouncer }: Parameters<Parameters<typeof testCases>[0][number]["spoil"]>[0]) =>
      void Object.assign(pgbouncer.spec, { runtime: "container", container: { image: { id } } }),
    problems: [`${POOLER} spec.container.image.id`],
    says: /is (?:"|too long)/,
  })),
  {
    reason: "another runtime than there is is refused",
    spoil: ({ haproxy }) => force(haproxy.spec, "runtime", "podman"),
    problems: [`${PROXY} spec.runtime`],
  },
  {
    reason: "what a container's user may not open is refused before it fails there",
    spoil: ({ haproxy, pgbouncer }) => {
      Object.assign(haproxy.spec, { runtime: "container", container: { image }, ports: { write: 443 } });
      Object.assign(pgbouncer.spec, { runtime: "container", container: { image }, port: 1023 });
    },
    problems: [`${PROXY} spec.ports`, `${POOLER} spec.port`],
    says: /below 1024/,
  },
  ...[{ restApi: { port: 808 } }, { dcs: { raft: { port: 700 } } }].map((patroni) => ({
    reason: `nor what a member's may not open: ${JSON.stringify(patroni)}`,
    spoil: ({ cluster }: Parameters<Parameters<typeof testCases>[0][number]["spoil"]>[0]) =>
      void Object.assign(cluster.spec, { runtime: "container", container: { image }, patroni }),
    problems: [`${DB} spec`],
    says: /below 1024/,
  })),
]);
