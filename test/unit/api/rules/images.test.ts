import { POOLER, PROXY, testCases } from "../cases.ts";

const ID = `sha256:${"0123456789abcdef".repeat(4)}`;
const REFERENCE = `registry.example.com:5000/team/haproxy@${ID}`;

type Spoil = Parameters<typeof testCases>[0][number]["spoil"];

/** Both pools in containers of such an image; of the proxies alone where the other must not complain too. */
const from =
  (image: Readonly<Record<string, unknown>>): Spoil =>
  ({ haproxy, pgbouncer }) => {
    for (const { spec } of [haproxy, pgbouncer]) Object.assign(spec, { runtime: "container", container: { image } });
  };
const proxyFrom =
  (image: Readonly<Record<string, unknown>>): Spoil =>
  ({ haproxy }) =>
    void Object.assign(haproxy.spec, { runtime: "container", container: { image } });

testCases([
  ...[
    { archive: "images/haproxy 3.0.tar.gz" },
    { build: { base: "debian:13-slim" } },
    { build: { base: `registry.example.com/debian@${ID}` } },
    { reference: REFERENCE },
    { reference: REFERENCE, pullSecretRef: { name: "registry" } },
  ].map((image) => ({ reason: `an image may come from ${JSON.stringify(image)}`, spoil: from(image) })),
  ...[{}, { id: ID, archive: "x.tar" }, { archive: "x.tar", build: { base: "debian:13" } }].map((image) => ({
    reason: `an image comes from one place, not from ${Object.keys(image).join(" and ") || "none"}`,
    spoil: proxyFrom(image),
    problems: [`${PROXY} spec.container.image`],
    says: /exactly one of id, archive, build, reference/,
  })),
  ...["", "-rf", "a\nb"].map((archive) => ({
    reason: `a file is not called ${JSON.stringify(archive)}`,
    spoil: proxyFrom({ archive }),
    problems: [`${PROXY} spec.container.image.archive`],
  })),
  ...["haproxy", "haproxy:3.0", "haproxy@sha256:0123", `haproxy@${ID}0`, `$(id)@${ID}`].map((reference) => ({
    reason: `an image of a registry is named by its digest, not as ${reference}`,
    spoil: proxyFrom({ reference }),
    problems: [`${PROXY} spec.container.image.reference`],
  })),
  ...["", "--pull", "a b", "a\nRUN id", "Debian:13"].map((base) => ({
    reason: `a base is the name of an image, not ${JSON.stringify(base)}`,
    spoil: proxyFrom({ build: { base } }),
    problems: [`${PROXY} spec.container.image.build.base`],
  })),
  {
    reason: "a login that nothing is pulled with is refused",
    spoil: ({ pgbouncer }) =>
      void Object.assign(pgbouncer.spec, {
        runtime: "container",
        container: { image: { id: ID, pullSecretRef: { name: "registry" } } },
      }),
    problems: [`${POOLER} spec.container.image.pullSecretRef`],
    says: /is for an image that is pulled/,
  },
]);
