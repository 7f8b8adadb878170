import ssh2 from "ssh2";

export interface KeyPair {
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA...` */
  readonly publicKey: string;
}

/** A new key pair, OpenSSH format, no passphrase unless given. */
export function generateKeyPair(type: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase?: string): KeyPair {
  const options = {
    ...(type === "rsa" ? { bits: 2048 } : type === "ecdsa" ? { bits: 256 } : {}),
    ...(passphrase === undefined ? {} : { passphrase, cipher: "aes256-ctr", rounds: 4 }),
  };
  for (;;) {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync(
      type as "rsa",
      options as { bits: number },
    );
    // ssh2 1.17 drops an Ed25519 key's first byte if that is zero, and then refuses what it made: one key in 256.
    if (!(ssh2.utils.parseKey(privateKey, passphrase) instanceof Error)) return { privateKey, publicKey };
  }
}
