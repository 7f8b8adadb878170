import assert from "node:assert/strict";
import { test } from "node:test";
import { ANNOTATIONS } from "../../../src/api/annotations.ts";
import { forgetHosts } from "../../../src/operator/hosts/forget-hosts.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import type { Visit } from "../../../src/operator/visit/parts.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { recordOf } from "../../../src/state/kube-record.ts";
import { kubeStore } from "../../../src/state/kube-store.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import { atHost } from "../../../src/text/at-host.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const [pool] = sampleStack().haproxyPools;
assert.ok(pool);

/** Hosts that left beside those on the list, with what counts on them still. */
async function forget(names: string, left: Readonly<Record<string, string | undefined>>) {
  const { client, objects } = fakeKube();
  const read = {
    ...stored(pool ?? {}, { annotations: { [ANNOTATIONS.forgetHost]: names } }),
    status: {
      hosts: [
        { name: "proxy-01", address: "10.0.0.11", machineId: "m1" },
        ...Object.keys(left).map((name) => ({ name, address: "10.0.0.13", machineId: "m3" })),
      ],
    },
  };
  objects.set(`/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/haproxypools/${read.metadata.name}`, read as never);
  const live = liveResource(client, RESOURCE_TYPES.HAProxyPool, read);
  const store = kubeStore({
    client,
    namespace: "db",
    resources: new Map([["HAProxyPool/keybuzz-haproxy", live]]),
    secretNames: [],
    watched: () => undefined,
  } as unknown as Parameters<typeof kubeStore>[0]);
  const told: string[] = [];
  const tell = (_: unknown, reason: string, __: string, note: string, host?: string): void =>
    void told.push(`${reason} ${atHost(host, note)}`);
  const visit = {
    live,
    world: { store },
    parts: { announcer: { done: () => {}, normal: tell, warning: tell, logged: () => {} } },
  } as unknown as Visit;
  const pass = {
    looks: new Map(),
    reconcilables: [
      {
        name: "HAProxyPool/keybuzz-haproxy",
        resource: pool,
        left: () => Object.entries(left).map(([name, inUse]) => ({ name, inUse })),
      },
    ],
  } as unknown as Pass;
  const isChanged = await forgetHosts(visit, pass);
  const { metadata, status } = live.current();
  return {
    isChanged,
    told,
    hosts: Object.keys(recordOf(status).hosts),
    annotation: metadata.annotations?.[ANNOTATIONS.forgetHost],
  };
}

test("a host that left is forgotten by annotation, which is taken off", async () => {
  assert.deepEqual(await forget("proxy-03", { "proxy-03": undefined }), {
    isChanged: true,
    told: ["HostForgotten proxy-03 is gone for good: nothing is kept of it"],
    hosts: ["proxy-01"],
    annotation: undefined,
  });
});

test("one that something counts on stays, and its name in the annotation, until nothing does", async () => {
  const { isChanged, told, hosts, annotation } = await forget("proxy-03,proxy-04", {
    "proxy-03": "votes",
    "proxy-04": undefined,
  });
  assert.deepEqual([isChanged, hosts, annotation], [true, ["proxy-01", "proxy-03"], "proxy-03"]);
  assert.match(told[0] ?? "", /^HostNotForgotten proxy-03: it votes; /);
});

test("a host on the list and a name that nobody knows are told of, and nothing is forgotten", async () => {
  const { isChanged, told, hosts } = await forget("proxy-01, typo", { "proxy-03": undefined });
  assert.deepEqual([isChanged, hosts], [false, ["proxy-01", "proxy-03"]]);
  assert.deepEqual(told, [
    "HostNotForgotten proxy-01: it is on the list",
    "HostNotForgotten typo: no host of this name left the list",
  ]);
});
