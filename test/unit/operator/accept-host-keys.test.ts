import assert from "node:assert/strict";
import { test } from "node:test";
import { ANNOTATIONS } from "../../../src/api/annotations.ts";
import { acceptHostKeys } from "../../../src/operator/hosts/accept-host-keys.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { fingerprint, parseHostKey } from "../../../src/shell/host-key.ts";
import { recordOf } from "../../../src/state/kube-record.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import type { IdentityLook } from "../../../src/reconcilers/identity.ts";
import type { RecordedHost } from "../../../src/state/store.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const [pool] = sampleStack().haproxyPools;
assert.ok(pool);
const unpinned = { ...pool, spec: { ...pool.spec, hosts: pool.spec.hosts.map(({ hostKey: _, ...host }) => host) } };
const before = generateKeyPair().publicKey;
const rebuilt = generateKeyPair().publicKey;
const printOf = (line: string): string => fingerprint(parseHostKey(line)?.blob ?? Buffer.of());

const RECORDED = { address: "10.0.0.11", hostKey: before, machineId: "old" };
/** The machine that is there now. */
const machine = { system: { machineId: "new" }, mount: { mounted: true, uuid: "new-volume" } };
const seen = { seen: true, host: "proxy-01", facts: machine } as never as IdentityLook;

async function accept(
  approved: string,
  shown: readonly string[],
  resource: typeof pool = unpinned,
  recorded: RecordedHost = RECORDED,
  look: IdentityLook = seen,
) {
  const { client, objects } = fakeKube();
  const read = {
    ...stored(resource, { annotations: { [ANNOTATIONS.acceptHostKey]: `proxy-01=${approved}` } }),
    status: { hosts: [{ name: "proxy-01", ...recorded }] },
  };
  objects.set(`/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/haproxypools/${read.metadata.name}`, read as never);
  const live = liveResource(client, RESOURCE_TYPES.HAProxyPool, read);
  const told: string[] = [];
  const asked: (string | undefined)[] = [];
  const tell = (_: unknown, reason: string): void => void told.push(reason);
  const isTaken = await acceptHostKeys(
    resource ?? unpinned,
    live,
    { announcer: { done: () => {}, normal: tell, warning: tell, logged: () => {} } },
    ({ name, hostKey }) => {
      assert.equal(name, "proxy-01");
      asked.push(hostKey);
      return Promise.resolve(look);
    },
    () => Promise.resolve(shown),
  );
  assert.equal(isTaken, told.includes("HostKeyAccepted"));
  // Nobody else's word counts for which machine it is.
  assert.ok(asked.every((key) => key !== undefined && printOf(key) === approved));
  return { host: recordOf(live.current().status).hosts["proxy-01"], told };
}

test("the approved key is recorded once the host shows it, with the machine that is there now (F56)", async () => {
  assert.deepEqual(await accept(printOf(rebuilt), [rebuilt]), {
    host: { address: "10.0.0.11", hostKey: rebuilt, machineId: "new" },
    told: ["HostKeyAccepted"],
  });
});

test(
  "it stays recorded where the machine was set up: one that was approved at another address is another " + "machine",
  async () => {
    const elsewhere = { address: "10.0.0.99", hostKey: before, machineId: "old", volumeUuid: "old-volume" };
    assert.deepEqual((await accept(printOf(rebuilt), [rebuilt], unpinned, elsewhere)).host, {
      address: "10.0.0.99",
      hostKey: rebuilt,
      machineId: "new",
      volumeUuid: "new-volume",
    });
  },
);

test("a volume that is not mounted was not seen, so the one that was recorded stays", async () => {
  const without = { ...machine, mount: { mounted: false, uuid: "" } };
  const look = { seen: true, host: "proxy-01", facts: without } as never as IdentityLook;
  const { host } = await accept(printOf(rebuilt), [rebuilt], unpinned, { ...RECORDED, volumeUuid: "old-volume" }, look);
  assert.equal(host?.volumeUuid, "old-volume");
});

test("a machine that cannot be asked which it is is not taken on yet, and nothing of it is forgotten", async () => {
  const look: IdentityLook = {
    seen: false,
    host: "proxy-01",
    reason: "AuthenticationFailed",
    message: "it lets nobody in",
  };
  assert.deepEqual(await accept(printOf(rebuilt), [rebuilt], unpinned, RECORDED, look), {
    host: RECORDED,
    told: ["HostKeyNotAccepted"],
  });
});

test("another key than the approved one changes nothing", async () => {
  const stranger = generateKeyPair().publicKey;
  assert.deepEqual(await accept(printOf(rebuilt), [stranger]), {
    host: RECORDED,
    told: ["HostKeyNotAccepted"],
  });
});

test("an approval of the key that is recorded already does nothing, so the annotation may stay", async () => {
  assert.deepEqual(await accept(printOf(before), []), { host: RECORDED, told: [] });
});

const pinnedTo = (hostKey: string): typeof pool => ({
  ...pool,
  spec: { ...pool.spec, hosts: pool.spec.hosts.map((host) => ({ ...host, hostKey })) },
});
const knowing = (line: string): typeof pool => ({
  ...unpinned,
  spec: { ...unpinned.spec, ssh: { ...unpinned.spec.ssh, knownHosts: `${unpinned.spec.hosts[0]?.address} ${line}` } },
});

for (const [where, pinned] of [
  ["hostKey", pinnedTo],
  ["knownHosts", knowing],
] as const) {
  test(
    `a key in the spec's ${where} is changed in the spec; approved as well, the machine behind it is a ` + "new one",
    async () => {
      const known = { machineId: "old", volumeUuid: "old" };
      assert.deepEqual(await accept(printOf(rebuilt), [], pinned(rebuilt), known), {
        host: { hostKey: rebuilt, machineId: "new", volumeUuid: "new-volume" },
        told: ["HostKeyAccepted"],
      });
      assert.deepEqual(await accept(printOf(rebuilt), [rebuilt], pinned(before), known), {
        host: known,
        told: ["HostKeyNotAccepted"],
      });
    },
  );
}

test(
  "another volume under a machine that was approved is not approved with it, though the " + "annotation stays",
  async () => {
    const approved = { hostKey: rebuilt, machineId: "new", volumeUuid: "new" };
    assert.deepEqual(await accept(printOf(rebuilt), [], pinnedTo(rebuilt), approved), { host: approved, told: [] });
  },
);

test("a host whose key was believed by another resource, which looked first, is approved here as well", async () => {
  assert.deepEqual(await accept(printOf(rebuilt), [rebuilt], unpinned, { machineId: "old" }), {
    host: { hostKey: rebuilt, machineId: "new" },
    told: ["HostKeyAccepted"],
  });
});

test("a host that is to be believed on first use, and was not seen yet, needs no approval", async () => {
  assert.deepEqual(await accept(printOf(rebuilt), [rebuilt], unpinned, {}), { host: undefined, told: [] });
});

test(
  "a new volume or machine-id behind the known key is approved by itself, and only where one was " + "recorded",
  async () => {
    const id = "0ca3447e9344434bab9e6fb6ffc5c2c1";
    const known = { hostKey: before, machineId: "old", volumeUuid: "1111-2222" };
    assert.deepEqual(await accept("volume:aaaa-bbbb", [], unpinned, known), {
      host: { ...known, volumeUuid: "aaaa-bbbb" },
      told: ["MachineAccepted"],
    });
    assert.deepEqual(await accept(`machine:${id},proxy-01=volume:aaaa-bbbb`, [], unpinned, known), {
      host: { hostKey: before, machineId: id, volumeUuid: "aaaa-bbbb" },
      told: ["MachineAccepted"],
    });
    assert.deepEqual(await accept("volume:1111-2222", [], unpinned, known), { host: known, told: [] });
    assert.deepEqual(await accept("volume:aaaa-bbbb", [], unpinned, RECORDED), { host: RECORDED, told: [] });
  },
);
