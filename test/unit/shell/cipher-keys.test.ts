import assert from "node:assert/strict";
import { KeyObject } from "node:crypto";
import { test } from "node:test";
import { keepCipherKeys } from "../../../src/shell/cipher-keys.ts";
import { openConnection } from "../../../src/shell/ssh-connection.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import { hostKey, login, targetOn } from "../../ssh-server/target.ts";

test("a connection's keys are such as Node knows at sight, in both directions", async () => {
  const server = await startSshServer({
    authorizedKey: login.publicKey,
    hostKeys: [hostKey.privateKey],
    onExec: "real",
  });
  const connection = await openConnection(targetOn(server), [hostKey.publicKey], () => Promise.resolve(undefined));
  try {
    // Fails when a new ssh2 keeps them elsewhere: then nothing breaks, but each packet costs six times as much.
    const { _protocol: protocol } = connection.client as unknown as {
      readonly _protocol: {
        readonly _cipher: { readonly _encKey: unknown };
        readonly _decipher: { readonly _decipherKey: unknown };
      };
    };
    assert.ok(protocol._cipher._encKey instanceof KeyObject);
    assert.ok(protocol._decipher._decipherKey instanceof KeyObject);
  } finally {
    await connection.close();
    await server.close();
  }
});

test("a client that is built otherwise is left as it is", () => {
  const other = { _protocol: { _cipher: { _instance: 1 } } };
  keepCipherKeys(other as never);
  keepCipherKeys({} as never);
  assert.deepEqual(other, { _protocol: { _cipher: { _instance: 1 } } });
});
