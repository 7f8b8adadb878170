import assert from "node:assert/strict";
import { test } from "node:test";
import { ANNOTATIONS } from "../../../src/operator/annotations.ts";
import { acceptHostKeys } from "../../../src/operator/hosts/accept-host-keys.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { fingerprint, parseHostKey } from "../../../src/shell/host-key.ts";
import { recordOf } from "../../../src/state/kube-record.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const [pool] = sampleStack().haproxyPools;
assert.ok(pool);
const unpinned = { ...pool, spec: { ...pool.spec, hosts: pool.spec.hosts.map(({ hostKey: _, ...host }) => host) } };
const before = generateKeyPair().publicKey;
const rebuilt = generateKeyPair().publicKey;
const printOf = (line: string): string => fingerprint(parseHostKey(line)?.blob ?? Buffer.of());

async function accept(approved: string, shown: readonly string[], resource: typeof pool = unpinned) {
  const { client, objects } = fakeKube();
  const read = { ...stored(resource, { annotations: { [ANNOTATIONS.acceptHostKey]: `proxy-01=${approved}` } }), status: { hosts: [{ name: "proxy-01", hostKey: before, machineId: "old" }] } };
  objects.set(`/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/haproxypools/${read.metadata.name}`, read as never);
  const live = liveResource(client, RESOURCE_TYPES.HAProxyPool, read);
  const told: string[] = [];
  const tell = (_: unknown, reason: string): void => void told.push(reason);
  await acceptHostKeys(resource ?? unpinned, live, { announcer: { done: () => {}, normal: tell, warning: tell } }, () => Promise.resolve(shown));
  return { host: recordOf(live.current().status).hosts["proxy-01"], told };
}

test("the approved key is recorded once the host shows it, and the machine is a new one (F56)", async () => {
  assert.deepEqual(await accept(printOf(rebuilt), [rebuilt]), { host: { hostKey: rebuilt }, told: ["HostKeyAccepted"] });
});

test("another key than the approved one changes nothing", async () => {
  const stranger = generateKeyPair().publicKey;
  assert.deepEqual(await accept(printOf(rebuilt), [stranger]), { host: { hostKey: before, machineId: "old" }, told: ["HostKeyNotAccepted"] });
});

test("an approval of the key that is recorded already does nothing, so the annotation may stay", async () => {
  assert.deepEqual(await accept(printOf(before), []), { host: { hostKey: before, machineId: "old" }, told: [] });
});

test("a key in the spec is changed in the spec", async () => {
  assert.deepEqual((await accept(printOf(rebuilt), [rebuilt], pool)).told, []);
});
