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
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync(type as "rsa", options as { bits: number });
  return { privateKey, publicKey };
}
