import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

/**
 * What is wrong with the text of a private key, in words that follow "the key"; undefined when pgha can log in with
 * it. Never quotes the key.
 */
export function checkPrivateKey(text: string): string | undefined {
  const found = read(text);
  return "problem" in found ? found.problem : undefined;
}

/** `SHA256:...` of the public half, as `ssh-keygen -lf` prints it; undefined for a key that cannot be used. */
export function publicKeyFingerprint(text: string): string | undefined {
  const found = read(text);
  return "problem" in found
    ? undefined
    : `SHA256:${createHash("sha256").update(found.publicBlob).digest("base64").replace(/=+$/, "")}`;
}

/** The key as ssh2 wants it: secrets often went through a Windows editor or lost their last line end. */
export function normalizePrivateKey(text: string): string {
  return `${text.replaceAll("\r\n", "\n").trim()}\n`;
}

type Found = { readonly publicBlob: Buffer } | { readonly problem: string };

const convert = 'convert a copy with: ssh-keygen -p -N "" -f KEYFILE';

function read(given: string): Found {
  const text = normalizePrivateKey(given);
  if (text === "\n") {
    return { problem: "is empty" };
  }
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(text) || text.includes("PUBLIC KEY")) {
    return { problem: "is a public key; the private half is needed (the file without .pub)" };
  }
  if (text.startsWith("PuTTY-User-Key-File")) {
    return { problem: "is in PuTTY's format; convert a copy with: puttygen KEY.ppk -O private-openssh -o KEYFILE" };
  }
  const block = /^-----BEGIN ([A-Z ]*PRIVATE KEY)-----\n([\s\S]*?)\n-----END \1-----\n$/.exec(text);
  if (block === null) {
    return {
      problem: text.includes("-----BEGIN ")
        ? "is cut short or has text around it: one BEGIN line and its END line are needed"
        : "is no private key in OpenSSH or PEM format",
    };
  }
  const [, label = "", body = ""] = block;
  if (label === "ENCRYPTED PRIVATE KEY" || body.includes("ENCRYPTED")) {
    return { problem: `is protected by a passphrase, and nobody is there to type it; ${convert}` };
  }
  switch (label) {
    case "OPENSSH PRIVATE KEY":
      return readOpenSsh(Buffer.from(body, "base64"));
    case "RSA PRIVATE KEY":
    case "EC PRIVATE KEY":
      return readPem(text);
    case "PRIVATE KEY":
      return { problem: `is in PKCS#8 format; ${convert}` };
    default:
      return { problem: `is of a kind that pgha does not use (${label}); Ed25519, ECDSA and RSA keys are` };
  }
}

/** The layout is in OpenSSH's PROTOCOL.key; names and the public half stand before the encrypted part. */
function readOpenSsh(bytes: Buffer): Found {
  const magic = "openssh-key-v1\0";
  if (bytes.toString("latin1", 0, magic.length) !== magic) {
    return { problem: "is damaged: its text is no OpenSSH key" };
  }
  try {
    let at = magic.length;
    const next = (): Buffer => {
      const length = bytes.readUInt32BE(at);
      const field = bytes.subarray(at + 4, at + 4 + length);
      if (field.length !== length) {
        throw new RangeError("cut short");
      }
      at += 4 + length;
      return field;
    };
    const cipher = next().toString("latin1");
    next(); // name of the key derivation
    next(); // its options
    at += 4; // number of keys
    const publicBlob = Buffer.from(next());
    const privatePart = next();
    if (cipher !== "none") {
      return { problem: `is protected by a passphrase, and nobody is there to type it; ${convert}` };
    }
    if (privatePart.readUInt32BE(0) !== privatePart.readUInt32BE(4)) {
      return { problem: "is damaged: its check numbers differ" };
    }
    const type = publicBlob.toString("latin1", 4, 4 + publicBlob.readUInt32BE(0));
    return usableTypes.has(type)
      ? { publicBlob }
      : { problem: `is of type ${type}; Ed25519, ECDSA and RSA keys can be used` };
  } catch {
    return { problem: "is damaged: it ends too early" };
  }
}

const usableTypes: ReadonlySet<string> = new Set([
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
]);

const curves: Readonly<Record<string, string>> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

function readPem(text: string): Found {
  try {
    const jwk = createPublicKey(createPrivateKey(text)).export({ format: "jwk" });
    const bytes = (part: string | undefined): Buffer => Buffer.from(part ?? "", "base64url");
    if (jwk.kty === "RSA") {
      return { publicBlob: sshBlob(["ssh-rsa", integer(bytes(jwk.e)), integer(bytes(jwk.n))]) };
    }
    const curve = curves[jwk.crv ?? ""];
    return curve === undefined
      ? { problem: "uses a curve that SSH does not know" }
      : {
          publicBlob: sshBlob([
            `ecdsa-sha2-${curve}`,
            curve,
            Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]),
          ]),
        };
  } catch {
    return { problem: "is damaged: its text cannot be decoded" };
  }
}

function sshBlob(parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(part));
      return [length, Buffer.from(part)];
    }),
  );
}

/** A positive integer in SSH needs a zero byte in front when its first bit is set, RFC 4251 section 5. */
function integer(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
}
