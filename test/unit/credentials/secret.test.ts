import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDocuments } from "../../../src/api/parse.ts";
import { combineSecrets } from "../../../src/credentials/combine.ts";
import { formatSecret, readSecretDocument } from "../../../src/credentials/secret.ts";
import { connectionUri } from "../../../src/credentials/secret-values.ts";
import { findPrivateKey, sshKeySecret } from "../../../src/credentials/ssh-key.ts";
import { generateKeyPairSync } from "node:crypto";
import { anyText } from "./any-text.ts";
import { byName, revealed, secretOf } from "./fixture.ts";

const written = (fields: object) => ({
  apiVersion: "v1" as const,
  kind: "Secret" as const,
  metadata: { name: "s" },
  ...fields,
});

void test("F69 every value survives its way through a file", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[-._a-zA-Z0-9]{1,20}$/), anyText(), { noNullPrototype: true }),
      (data) => {
        const secret = secretOf("s", data);
        const [document] = parseDocuments(formatSecret(secret), "file").secrets;
        assert.ok(document);
        assert.deepEqual(revealed(readSecretDocument(document).secret), data);
      },
    ),
  );
});

void test("F69 a URI gives back what went in, whatever the characters", () => {
  fc.assert(
    fc.property(anyText(1), anyText(1), (username, password) => {
      const uri = connectionUri({ username, password, hosts: ["10.0.0.1"], port: "6432", dbname: "flows" });
      assert.match(uri, /^[-A-Za-z0-9:/@%._~]+$/);
      const read = new URL(uri);
      assert.deepEqual(
        [decodeURIComponent(read.username), decodeURIComponent(read.password), read.host, read.pathname],
        [username, password, "10.0.0.1:6432", "/flows"],
      );
    }),
  );
  assert.match(
    connectionUri({ username: "u", password: "p", hosts: ["fd00::1"], port: "5432", dbname: "d" }),
    /@\[fd00::1\]:5432\/d$/,
  );
});

void test("stringData is taken as it is, and wins over data", () => {
  const { secret } = readSecretDocument(written({ data: { a: "eA==", b: "eQ==" }, stringData: { a: "z" } }));
  assert.deepEqual(revealed(secret), { a: "z", b: "y" });
});

void test("plain text under data is refused with the way out, and not quoted", () => {
  const { secret, problems } = readSecretDocument(written({ data: { password: "hunter22!", binary: "/w==" } }));
  assert.equal(secret, undefined);
  assert.deepEqual(
    problems.map(({ path }) => path),
    ["data.password", "data.binary"],
  );
  assert.match(problems[0]?.wayOut ?? "", /stringData/);
  assert.ok(!JSON.stringify(problems).includes("hunter22"));
});

void test("F66 the verifier that is kept is found again for a Secret from the manifest", () => {
  const kept = secretOf("s", { username: "n8n", password: "hYd7-2kk!x9", verifier: "V" });
  const { secrets, problems } = combineSecrets(
    [written({ stringData: { password: "hYd7-2kk!x9" } })],
    byName(kept),
    ".pgha",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(revealed(secrets.get("s")), revealed(kept));
});

void test("another password in the manifest than the one kept is refused: PostgreSQL has the old one", () => {
  const { problems } = combineSecrets(
    [written({ stringData: { password: "a new one 7" } })],
    byName(secretOf("s", { password: "hYd7-2kk!x9" })),
    ".pgha",
  );
  assert.deepEqual(
    problems.map(({ path }) => path),
    ["data.password"],
  );
  assert.ok(!JSON.stringify(problems).includes("hYd7"));
});

void test("a Secret that is in the manifests twice is refused", () => {
  const one = written({ stringData: { password: "hYd7-2kk!x9" } });
  assert.match(combineSecrets([one, one], new Map(), ".pgha").problems[0]?.message ?? "", /twice/);
});

const pem = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "pkcs1", format: "pem" },
}).privateKey;

void test("the SSH key is found under the entry that is named", () => {
  const ref = { name: "vm-ssh", key: "ssh-privatekey" };
  const found = findPrivateKey(
    ref,
    byName(sshKeySecret("vm-ssh", pem.replaceAll("\n", "\r\n"))),
    "PostgresHACluster/main",
    ".pgha",
  );
  assert.ok("key" in found);
  assert.equal(found.key.reveal(), pem);
});

void test("a key that is missing, misnamed or unusable is refused at the field that names it", () => {
  const ask = (ref: { name: string; key: string }) => {
    const found = findPrivateKey(
      ref,
      byName(secretOf("vm-ssh", { id: "ssh-ed25519 AAAAC3Nz", other: "x" })),
      "PostgresHACluster/main",
      ".pgha",
    );
    assert.ok("problem" in found);
    assert.equal(found.problem.path, "spec.ssh.privateKeySecretRef");
    return `${found.problem.message}; ${found.problem.wayOut ?? ""}`;
  };
  assert.match(ask({ name: "nope", key: "ssh-privatekey" }), /no Secret nope.*import --ssh-key FILE/);
  assert.match(ask({ name: "vm-ssh", key: "ssh-privatekey" }), /no entry ssh-privatekey.*there are id, other/);
  assert.match(ask({ name: "vm-ssh", key: "id" }), /is a public key/);
});
