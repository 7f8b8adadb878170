import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { until } from "../kube/until.ts";
import { madeImages } from "../journeys/support/inside.ts";
import { removeFolder } from "../temporary/remove-folder.ts";
import { CLUSTER, HAPROXY } from "./lab-manifest.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const NAMESPACE = "inside";
const ARCHIVES = ["members.tar", "haproxy.tar", "pgbouncer.tar"];

let stage: Stage;
/** What is mounted into the operator's pod. */
let folder: string;
before(async () => {
  const made = await madeImages();
  folder = await mkdtemp(join(tmpdir(), "pgha-images-"));
  for (const name of ARCHIVES) await symlink(join(made, name), join(folder, name));
  stage = await startStage();
});
after(async () => {
  await stage.end();
  removeFolder(folder);
});

async function imagesOf(kind: string, name: string): Promise<ReadonlySet<string | undefined>> {
  const { status } = await stage.read(kind, name, NAMESPACE);
  return new Set(status?.hosts?.map(({ versions }) => versions?.["image"]));
}

async function edit(kind: string, name: string, spec: object): Promise<void> {
  await stage.kube.kubectl(["patch", kind, name, "-n", NAMESPACE, "--type=merge", "-p", JSON.stringify({ spec })]);
}

test("a stack in containers comes up from bare hosts with the archives of the operator's own folder", async () => {
  await stage.startOperator("--images", folder).url();
  await stage.apply({ namespace: NAMESPACE, runtime: "container" });
  await stage.untilReady(NAMESPACE, 400_000);
  const { status } = await stage.read("pghac", CLUSTER, NAMESPACE);
  const skew = status?.conditions?.find(({ type }) => type === "VersionSkew");
  assert.deepEqual([skew?.status, skew?.reason], ["False", "SameImage"]);
  assert.equal((await imagesOf("pghac", CLUSTER)).size, 1);
});

test("another image and a setting that wants a restart are taken, and all of it is Ready again", async () => {
  const before = await imagesOf("haproxypool", HAPROXY);
  await otherHAProxy("haproxy-2.tar");
  await edit("haproxypool", HAPROXY, { container: { image: { archive: "haproxy-2.tar" } } });
  await edit("pghac", CLUSTER, { disruption: "Allow", postgresql: { parameters: { max_connections: 210 } } });
  await until(
    "the pool runs from the other image",
    async () => {
      const images = await imagesOf("haproxypool", HAPROXY);
      return images.size === 1 && !images.has([...before][0]);
    },
    300_000,
    1000,
  );
  await until(
    "members run with the setting",
    async () => {
      const { metadata, status } = await stage.read("pghac", CLUSTER, NAMESPACE);
      const pending = status?.conditions?.find(({ type }) => type === "PendingRestart");
      return metadata.generation === status?.observedGeneration && pending?.status === "False";
    },
    300_000,
    1000,
  );
  await stage.untilReady(NAMESPACE);
  const sql = "docker exec pgha-patroni psql -XAtq -h /run/postgresql -U postgres -c 'SHOW max_connections'";
  for (const host of ["db-master-01", "db-slave-01", "db-slave-02"])
    assert.equal((await stage.lab.exec(host, sql)).stdout, "210\n", host);
});

test("no status that was written meanwhile breaks the rules of kstatus", () => stage.lintAll());

/** The same with another label, so of another content: built on a proxy host, and brought here. */
async function otherHAProxy(name: string): Promise<void> {
  const { lab } = stage;
  const script = `id=$(docker inspect --format '{{.Image}}' pgha-haproxy)
printf 'FROM %s\\nLABEL of=site\\n' "$id" | docker build -q -t site/haproxy - >/dev/null && docker save site/haproxy`;
  const login = ["-i", lab.sshKeyPath, "-o", `UserKnownHostsFile=${lab.knownHostsPath}`, "-o", "BatchMode=yes"];
  const words = [...login, `root@${lab.host("proxy-01").address}`, script];
  await promisify(execFile)("sh", ["-c", `out=$1; shift; exec ssh "$@" >"$out"`, "-", join(folder, name), ...words]);
}
