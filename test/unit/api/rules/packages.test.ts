import { DB, POOLER, PROXY, testCases } from "../cases.ts";
import { force } from "../stack.ts";

testCases([
  {
    reason: "packages may be had in one version, with its epoch and revision",
    spoil: ({ cluster, haproxy, pgbouncer }) => {
      force(cluster.spec, "packages", { versions: { patroni: "4.0.7-1", "postgresql-17": "1:17.6-1.pgdg13+1" } });
      force(haproxy.spec, "packages", { versions: { haproxy: "3.0.11-1+deb13u1" } });
      force(pgbouncer.spec, "packages", { versions: { pgbouncer: "1.24.1-1~bpo12+1" } });
    },
  },
  {
    reason: "a version of what is not looked after is refused, since nothing would come of it",
    spoil: ({ cluster, haproxy }) => {
      force(cluster.spec, "packages", { versions: { postgresql17: "17.6-1" } });
      force(haproxy.spec, "packages", { versions: { pgbouncer: "1.24.1-1" } });
    },
    problems: [`${DB} spec.packages.versions.postgresql17`, `${PROXY} spec.packages.versions.pgbouncer`],
    says: /none of the packages .* is postgresql-17 meant\?/,
  },
  {
    reason: "what is no version is refused",
    spoil: ({ pgbouncer }) => force(pgbouncer.spec, "packages", { versions: { pgbouncer: "latest; reboot" } }),
    problems: [`${POOLER} spec.packages.versions.pgbouncer`],
  },
  {
    reason: "an image that is built is built from packages, whose versions may be named",
    spoil: ({ haproxy }) => {
      Object.assign(haproxy.spec, { runtime: "container", container: { image: { build: { base: "debian:13" } } } });
      force(haproxy.spec, "packages", { versions: { haproxy: "3.0.11-1" } });
    },
  },
  {
    reason: "a container has no packages of the host's",
    spoil: ({ haproxy }) => {
      const image = { id: `sha256:${"0123456789abcdef".repeat(4)}` };
      Object.assign(haproxy.spec, { runtime: "container", container: { image } });
      force(haproxy.spec, "packages", { versions: { haproxy: "3.0.11-1" } });
    },
    problems: [`${PROXY} spec.packages.versions`],
  },
]);
