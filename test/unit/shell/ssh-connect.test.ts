import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { HostAccessError, HostKeyError, HostUnreachableError } from "../../../src/errors.ts";
import { bastionPool } from "../../../src/shell/bastion.ts";
import { sh } from "../../../src/shell/command.ts";
import { fingerprint, parseHostKey } from "../../../src/shell/host-key.ts";
import { scanHostKeys } from "../../../src/shell/host-key-scan.ts";
import { publicKeyFingerprint } from "../../../src/shell/private-key.ts";
import { connectSsh } from "../../../src/shell/ssh.ts";
import type { SshTarget } from "../../../src/shell/ssh-target.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import type { SshServer, SshServerOptions } from "../../ssh-server/ssh-server.ts";
import { hostKey, login, targetOn } from "../../ssh-server/target.ts";

const cleanUps: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
});

async function serverWith(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
  const server = await startSshServer({
    authorizedKey: login.publicKey,
    hostKeys: [hostKey.privateKey],
    onExec: "real",
    ...options,
  });
  cleanUps.push(() => server.close());
  return server;
}

async function runOn(target: SshTarget, options: Parameters<typeof connectSsh>[1] = {}): Promise<string> {
  const shell = connectSsh(target, options);
  try {
    return (await shell.run(sh`printf hello`, { deadlineMs: 5_000 })).stdout;
  } finally {
    await shell.close();
  }
}

function print(line: string): string {
  return fingerprint(parseHostKey(line)?.blob ?? Buffer.of());
}

async function failureOf<T extends Error>(
  type: abstract new (...rest: never[]) => T,
  run: Promise<unknown>,
): Promise<T> {
  const error = await run.then(
    () => assert.fail("it did not fail"),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof type, String(error));
  return error;
}

describe("host keys", () => {
  it(
    "F56: a host with another key than the pinned one is refused, with both fingerprints, and nobody " + "logs in",
    async () => {
      const server = await serverWith();
      const other = generateKeyPair().publicKey;
      const error = await failureOf(HostKeyError, runOn(targetOn(server, { hostKeys: [other] })));
      assert.equal(error.reason, "HostKeyChanged");
      assert.equal(error.retry, "never");
      assert.equal(error.seenFingerprint, print(hostKey.publicKey));
      assert.equal(error.seenKey, hostKey.publicKey);
      assert.ok(
        error.message.includes(print(other)) && error.message.includes(print(hostKey.publicKey)),
        error.message,
      );
      assert.equal(server.counters.logins, 0);
    },
  );

  it("a host with several keys shows the type that is pinned", async () => {
    const ecdsa = generateKeyPair("ecdsa");
    const rsa = generateKeyPair("rsa");
    const server = await serverWith({ hostKeys: [hostKey.privateKey, ecdsa.privateKey, rsa.privateKey] });
    for (const pinned of [ecdsa, rsa, hostKey]) {
      assert.equal(await runOn(targetOn(server, { hostKeys: [pinned.publicKey] })), "hello");
    }
    assert.equal(
      await runOn(targetOn(server, { hostKeys: [generateKeyPair("rsa").publicKey, `${ecdsa.publicKey} root@db-1`] })),
      "hello",
      "any of several may match",
    );
  });

  it("a host that has no key of the pinned type any more is refused with the key it has", async () => {
    const error = await failureOf(
      HostKeyError,
      runOn(targetOn(await serverWith(), { hostKeys: [generateKeyPair("rsa").publicKey] })),
    );
    assert.equal(error.reason, "HostKeyChanged");
    assert.equal(error.seenFingerprint, print(hostKey.publicKey));
  });

  it("without a pinned key nothing is sent, and the message says which key to compare", async () => {
    const server = await serverWith();
    const error = await failureOf(HostKeyError, runOn(targetOn(server, { hostKeys: [] })));
    assert.equal(error.reason, "HostKeyUnknown");
    assert.equal(error.seenKey, hostKey.publicKey);
    assert.equal(server.counters.logins, 0);
  });

  it("trust on first use believes once, tells the key, and then holds it", async () => {
    const first = await serverWith();
    const told: string[] = [];
    const shell = connectSsh(
      targetOn(first, { hostKeys: [], hostKeyPolicy: "trust-on-first-use", onFirstUse: (key) => told.push(key) }),
    );
    cleanUps.unshift(() => shell.close());
    await shell.run(sh`true`, { deadlineMs: 5_000 });
    first.drop();
    await shell.run(sh`true`, { deadlineMs: 5_000 });
    assert.deepEqual(told, [hostKey.publicKey]);
    const error = await failureOf(
      HostKeyError,
      runOn(
        targetOn(await serverWith({ hostKeys: [generateKeyPair().privateKey] }), {
          hostKeyPolicy: "trust-on-first-use",
        }),
      ),
    );
    assert.equal(error.reason, "HostKeyChanged");
  });

  it("a scan lists the keys a host shows, best first, without logging in", async () => {
    const rsa = generateKeyPair("rsa");
    const server = await serverWith({ hostKeys: [rsa.privateKey, hostKey.privateKey] });
    assert.deepEqual(await scanHostKeys({ address: "127.0.0.1", port: server.port, timeoutMs: 2_000 }), [
      hostKey.publicKey,
      rsa.publicKey,
    ]);
    assert.equal(server.counters.logins, 0);
  });
});

describe("a host that cannot be used says why", () => {
  it(
    "when the account has expired: by name, with what makes it valid again, and not as a host that does " +
      "not answer",
    async () => {
      const server = await serverWith({
        turnAway: "Authorized use only.\r\nYour account has expired; please contact your system administrator.\n",
      });
      const failure = await failureOf(HostAccessError, runOn(targetOn(server)));
      assert.equal(failure.reason, "AuthenticationFailed");
      assert.match(failure.message, /ends the connection during the login of \S+; it said: .*Your account has expired/);
      assert.match(failure.wayOut ?? "", /as root: chage -E -1 .* \S+$/);
      assert.doesNotMatch(failure.message, /ETIMEDOUT/);
    },
  );

  it("when it lets nobody in at present: that may pass, so it is as good as away", async () => {
    const server = await serverWith({ turnAway: "Down for maintenance until noon.\n" });
    const failure = await failureOf(HostUnreachableError, runOn(targetOn(server)));
    assert.equal(failure.reason, "HostUnreachable");
    assert.match(failure.message, /during the login of \S+; it said: Down for maintenance until noon$/);
    assert.match(failure.wayOut ?? "", /\/etc\/nologin.*pam_access.*as root: journalctl -u ssh -n 20$/);
    const silent = await serverWith({ turnAway: "" });
    assert.match((await failureOf(HostUnreachableError, runOn(targetOn(silent)))).message, /it said nothing$/);
  });

  it("a key that is not accepted is named by its fingerprint, with the way out", async () => {
    const error = await failureOf(
      HostAccessError,
      runOn(targetOn(await serverWith({ authorizedKey: undefined }), { user: "ops" })),
    );
    assert.equal(error.reason, "AuthenticationFailed");
    assert.ok(error.message.includes(publicKeyFingerprint(login.privateKey) ?? "?"), error.message);
    assert.match(error.message, /db-1 \(127\.0\.0\.1:\d+\) does not accept the key .* for user ops/);
    assert.match(error.wayOut ?? "", /authorized_keys/);
  });

  it("an encrypted key fails before anything is connected to, and is not quoted", async () => {
    const server = await serverWith();
    const encrypted = generateKeyPair("ed25519", "hunter2").privateKey;
    const error = await failureOf(HostAccessError, runOn(targetOn(server, { privateKey: encrypted })));
    assert.match(error.message, /passphrase/);
    assert.ok(!error.message.includes(encrypted.split("\n")[1] ?? "?"));
    assert.equal(server.counters.connections, 0);
  });

  it("a port where nothing listens is refused", async () => {
    const server = await serverWith();
    await server.close();
    const error = await failureOf(HostUnreachableError, runOn(targetOn(server)));
    assert.equal(error.reason, "HostUnreachable");
    assert.match(error.message, /db-1 \(127\.0\.0\.1:\d+\) cannot be reached: connection refused/);
  });

  it("a server that says nothing is given up on in time", async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const error = await failureOf(
      HostUnreachableError,
      runOn(targetOn({ port: (mute.address() as AddressInfo).port }, { connectTimeoutMs: 100 })),
    );
    assert.match(error.message, /no answer within 0\.1 s/);
    mute.close();
  });

  it("a server that hangs up at once is said to", async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    const error = await failureOf(
      HostUnreachableError,
      runOn(targetOn({ port: (rude.address() as AddressInfo).port })),
    );
    assert.match(error.message, /closed the connection|was reset/);
    rude.close();
  });

  it("sudo that asks for a password is a missing privilege, not a failed command", async () => {
    const server = await serverWith({
      onExec: "real",
      onLogin: { code: 1, stderr: "sudo: a password is required\n" },
    });
    const error = await failureOf(HostAccessError, runOn(targetOn(server, { user: "ops", become: "sudo" })));
    assert.equal(error.reason, "PrivilegeMissing");
    assert.match(
      server.commands[0] ?? "",
      /^exec \/usr\/bin\/env -i \S+ \S+ \S+ sudo -n -u root -- \/usr\/bin\/env -i \S+ \S+ \S+ timeout /,
    );
  });
});

describe("through a bastion", () => {
  for (const via of ["exec", "forward"] as const) {
    it(`by ${via}, hosts share a connection to it, within its MaxSessions`, async () => {
      const inner = await serverWith();
      const outer = await serverWith({ maxSessions: 4, allowForwarding: via === "forward" });
      const bastion = { via, target: targetOn(outer, { name: "bastion" }) };
      const bastions = bastionPool();
      const outputs = await Promise.all(
        Array.from({ length: 5 }, () => runOn(targetOn(inner, { bastion }), { bastions })),
      );
      assert.deepEqual(
        outputs,
        Array.from({ length: 5 }, () => "hello"),
      );
      assert.equal(outer.counters.connections, 2, "three tunnels a connection");
      assert.equal(inner.counters.connections, 5);
    });
  }

  it("the relay's complaint is part of the message", async () => {
    const outer = await serverWith();
    const closed = await serverWith();
    await closed.close();
    const error = await failureOf(
      HostUnreachableError,
      runOn(targetOn(closed, { bastion: { via: "exec", target: targetOn(outer, { name: "bastion" }) } })),
    );
    assert.match(error.message, /through bastion .*the relay said: .*[Cc]onnection refused/);
  });

  it("forwarding that the bastion forbids is named, with the way out", async () => {
    const outer = await serverWith();
    const error = await failureOf(
      HostUnreachableError,
      runOn(
        targetOn(await serverWith(), { bastion: { via: "forward", target: targetOn(outer, { name: "bastion" }) } }),
      ),
    );
    assert.match(error.message, /bastion .* opens no channel to it: .*set via: exec/);
  });

  it("a bastion with a changed key is refused", async () => {
    const outer = await serverWith({ hostKeys: [generateKeyPair().privateKey] });
    const error = await failureOf(
      HostKeyError,
      runOn(targetOn(await serverWith(), { bastion: { via: "exec", target: targetOn(outer, { name: "bastion" }) } })),
    );
    assert.match(error.message, /host key of bastion/);
  });
});
