import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import ssh2 from "ssh2";
import { algorithmsFor, fingerprint, hostKeyProblem, parseHostKey } from "../../../src/shell/host-key.ts";
import { hostKeysFromKnownHosts } from "../../../src/shell/known-hosts.ts";
import { checkPrivateKey, normalizePrivateKey, publicKeyFingerprint } from "../../../src/shell/private-key.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";

const ed25519 = generateKeyPair();
const ecdsa = generateKeyPair("ecdsa");
const rsa = generateKeyPair("rsa");

describe("private keys are checked before they are used", () => {
  const pem = {
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 })
      .privateKey.export({ type: "pkcs1", format: "pem" })
      .toString(),
    ec: generateKeyPairSync("ec", { namedCurve: "P-384" })
      .privateKey.export({ type: "sec1", format: "pem" })
      .toString(),
  };

  it("what passes is a key that ssh2 can log in with, and its fingerprint is that of the public half", () => {
    for (const text of [ed25519.privateKey, ecdsa.privateKey, rsa.privateKey, pem.rsa, pem.ec]) {
      for (const variant of [text, text.trim(), text.replaceAll("\n", "\r\n"), `\n${text}\n`]) {
        assert.equal(checkPrivateKey(variant), undefined);
        const parsed = ssh2.utils.parseKey(normalizePrivateKey(variant));
        assert.ok(!(parsed instanceof Error));
        assert.equal(publicKeyFingerprint(variant), fingerprint(parsed.getPublicSSH()));
      }
    }
  });

  const pkcs8 = generateKeyPairSync("ed25519").privateKey;
  const refused: readonly [string, string, RegExp][] = [
    ["nothing", " \n", /is empty/],
    ["a public key", ed25519.publicKey, /is a public key/],
    [
      "a PEM public key",
      generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString(),
      /is a public key/,
    ],
    ["an encrypted OpenSSH key", generateKeyPair("ed25519", "hunter2").privateKey, /passphrase/],
    [
      "an encrypted PKCS#8 key",
      pkcs8.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString(),
      /passphrase/,
    ],
    [
      "an encrypted PEM key",
      pem.rsa.replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"),
      /passphrase/,
    ],
    ["a PKCS#8 key", pkcs8.export({ type: "pkcs8", format: "pem" }).toString(), /PKCS#8 .*ssh-keygen -p/],
    ["PuTTY's format", "PuTTY-User-Key-File-3: ssh-ed25519\n", /puttygen/],
    ["half a key", ed25519.privateKey.slice(0, 200), /cut short/],
    ["a damaged OpenSSH key", ed25519.privateKey.replace(/\n[^-].{60}/, "\nAAAA"), /damaged/],
    ["a damaged PEM key", pem.rsa.replace(/\n[^-].{20}/, "\nAAAA"), /damaged/],
    ["a password", "hunter2", /is no private key/],
  ];
  for (const [what, text, message] of refused) {
    it(`${what} is refused in words, without quoting it`, () => {
      const problem = checkPrivateKey(text) ?? "";
      assert.match(problem, message);
      assert.ok(!problem.includes(text.split("\n")[1] || "hunter2"));
    });
  }
});

describe("host keys", () => {
  it("a line is read with and without a comment; the fingerprint is the one ssh-keygen prints", () => {
    const key = parseHostKey(`  ${ecdsa.publicKey}   root@db-1 `);
    assert.equal(key?.type, "ecdsa-sha2-nistp256");
    const printed = execFileSync("ssh-keygen", ["-lf", "-"], { input: `${ecdsa.publicKey}\n`, encoding: "utf8" });
    assert.equal(printed.split(" ")[1], fingerprint(key.blob));
  });

  it("what is no usable host key is refused in words", () => {
    assert.match(hostKeyProblem("SHA256:abc") ?? "", /is a fingerprint/);
    assert.match(hostKeyProblem("ssh-dss AAAA") ?? "", /key type "ssh-dss"/);
    assert.match(hostKeyProblem("ssh-ed25519") ?? "", /lacks the base64/);
    assert.match(
      hostKeyProblem(ecdsa.publicKey.replace(/^\S+/, "ssh-ed25519")) ?? "",
      /holds a key of type "ecdsa-sha2-nistp256"/,
    );
    assert.match(hostKeyProblem("ssh-ed25519 AAAA") ?? "", /cut short/);
  });

  it("only the algorithms of the pinned keys are offered, none with SHA-1", () => {
    const keys = [rsa, ed25519].map((pair) => parseHostKey(pair.publicKey)).filter((key) => key !== undefined);
    assert.deepEqual(algorithmsFor(keys), ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]);
    assert.ok(algorithmsFor([]).length === 6 && !algorithmsFor([]).some((name) => String(name) === "ssh-rsa"));
  });
});

describe("known_hosts", () => {
  const salt = Buffer.from("0123456789abcdefghij");
  const hashed = (name: string): string =>
    `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
  const text = [
    "# comment",
    `10.0.0.120,db-1 ${ed25519.publicKey} a comment`,
    `[10.0.0.120]:2222 ${rsa.publicKey}`,
    `${hashed("10.0.0.121")} ${ecdsa.publicKey}`,
    `10.0.1.*,!10.0.1.9 ${ed25519.publicKey}`,
    `@revoked * ${rsa.publicKey}`,
    `@cert-authority * ${ecdsa.publicKey}`,
    "10.0.0.120 ssh-dss AAAA",
    "broken",
  ].join("\r\n");
  const cases: readonly [string, string, number, readonly string[]][] = [
    ["an address among several", "10.0.0.120", 22, [ed25519.publicKey]],
    ["a hashed name", "10.0.0.121", 22, [ecdsa.publicKey]],
    ["a revoked key is left out", "10.0.0.120", 2222, []],
    ["a pattern", "10.0.1.8", 22, [ed25519.publicKey]],
    ["a negated name", "10.0.1.9", 22, []],
    ["names in any case", "DB-1", 22, [ed25519.publicKey]],
    ["an address nobody wrote down", "10.0.0.12", 22, []],
  ];
  for (const [reason, address, port, expected] of cases) {
    it(reason, () => {
      assert.deepEqual(hostKeysFromKnownHosts(text, address, port), expected);
    });
  }
});
