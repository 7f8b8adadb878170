import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ArtifactError } from "../../../src/artifacts/artifact-error.ts";
import { readImageArchive } from "../../../src/artifacts/image-archive.ts";
import { imageFeed } from "../../../src/artifacts/image-feed.ts";
import { imageFiles, imageFolder } from "../../../src/artifacts/image-source.ts";
import { readTar, writeTar } from "../../../src/artifacts/tar.ts";
import type { TarFile } from "../../../src/artifacts/tar.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "pgha-images-"));
const CONFIG = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: ["sha256:1"] } }));
const HEX = createHash("sha256").update(CONFIG).digest("hex");
const LAYER: TarFile = { path: "a/layer.tar", content: Buffer.alloc(300_000, "layer") };

/** As docker save wrote it before 25, and since then. */
function saved(
  changes: { readonly config?: Buffer; readonly layers?: readonly TarFile[]; readonly images?: number } = {},
  form: "legacy" | "blobs" = "legacy",
): Buffer {
  const config = form === "legacy" ? `${HEX}.json` : `blobs/sha256/${HEX}`;
  const layers = changes.layers ?? [LAYER];
  const image = { Config: config, RepoTags: ["haproxy:3.0", "theirs:1"], Layers: [LAYER.path] };
  return writeTar([
    { path: config, content: changes.config ?? CONFIG },
    ...layers,
    ...(form === "legacy" ? [{ path: "repositories", content: Buffer.from('{"haproxy":{"3.0":"a"}}') }] : []),
    { path: "manifest.json", content: Buffer.from(JSON.stringify(Array(changes.images ?? 1).fill(image))) },
  ]);
}

function file(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function refused(pattern: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ArtifactError, String(error));
    assert.match(error.message, /^spec\.container\.image\.archive: /);
    assert.match(error.message, pattern);
    assert.ok((error.wayOut ?? "") !== "");
    return true;
  };
}

const read = async (path: string) => readImageArchive(path, "spec.container.image.archive");

describe("the file of an image", () => {
  after(() => removeFolder(folder));

  it("tells the image's id and machine, in either form, plain or compressed", async () => {
    for (const form of ["legacy", "blobs"] as const) {
      const plain = saved({}, form);
      const expected = { id: `sha256:${HEX}`, architecture: "amd64", bytes: plain.length };
      for (const [compression, content] of [
        ["none", plain],
        ["gzip", gzipSync(plain)],
        ["zstd", zstdCompressSync(plain)],
      ] as const) {
        const path = file(`${form}-${compression}`, content);
        const { bytes, ...found } = await read(path);
        assert.deepEqual(found, { path, id: expected.id, architecture: "amd64", compression });
        assert.ok(Math.abs(bytes - plain.length) <= 1024, `${bytes} of ${plain.length}`);
      }
    }
  });

  it("is refused in words for people when it is none, not whole, or of several", async () => {
    const whole = saved();
    await assert.rejects(read(join(folder, "nowhere.tar")), refused(/nowhere\.tar cannot be read \(ENOENT\)/));
    await assert.rejects(read(folder), refused(/is a folder/));
    await assert.rejects(read(file("empty", Buffer.alloc(0))), refused(/is empty/));
    await assert.rejects(read(file("text", Buffer.from("hello, world\n".repeat(100)))), refused(/is no tar archive/));
    await assert.rejects(read(file("short", Buffer.from("hello"))), refused(/is no tar archive/));
    for (const at of [700, 100_000, whole.length - 2_048]) {
      await assert.rejects(read(file("cut", whole.subarray(0, at))), refused(/is cut short/));
      await assert.rejects(read(file("cut.gz", gzipSync(whole.subarray(0, at)))), refused(/is cut short/));
    }
    const gz = gzipSync(whole);
    await assert.rejects(read(file("half.gz", gz.subarray(0, gz.length / 2))), refused(/unexpected end of file/));
    await assert.rejects(read(file("xz", Buffer.from("fd377a585a000004", "hex"))), refused(/compressed with xz/));
    await assert.rejects(read(file("two", saved({ images: 2 }))), refused(/holds 2 images/));
    await assert.rejects(
      read(file("other", saved({ config: Buffer.from('{"os":"linux"}') }))),
      refused(/is damaged: [0-9a-f]{64}\.json is not what its name says/),
    );
    await assert.rejects(read(file("lacks", saved({ layers: [] }))), refused(/lacks the layer a\/layer\.tar/));
    const passwd = { path: "etc/passwd", content: Buffer.from("root:x:0:0") };
    await assert.rejects(read(file("exported", writeTar([passwd]))), refused(/is the file system of a container/));
    const oci = { path: "oci-layout", content: Buffer.from("{}") };
    await assert.rejects(read(file("oci", writeTar([oci]))), refused(/is an OCI archive/));
    const windows = Buffer.from(JSON.stringify({ os: "windows", architecture: "amd64" }));
    const hex = createHash("sha256").update(windows).digest("hex");
    const manifest = Buffer.from(JSON.stringify([{ Config: `${hex}.json`, Layers: [] }]));
    const files = [
      { path: `${hex}.json`, content: windows },
      { path: "manifest.json", content: manifest },
    ];
    await assert.rejects(read(file("windows", writeTar(files))), refused(/is an image for windows/));
  });

  it("goes to a host whole, under a name of pgha's own: a tag of somebody else's stays where it is", async () => {
    for (const [name, content] of [
      ["feed", saved()],
      ["feed.gz", gzipSync(saved())],
      ["feed-blobs", saved({}, "blobs")],
    ] as const) {
      const archive = await read(file(name, content));
      const sent = Buffer.concat(await imageFeed(archive).open().toArray());
      const files = new Map(readTar(sent).map(({ path, content: inside }) => [path, inside]));
      const [image] = JSON.parse(String(files.get("manifest.json"))) as readonly { readonly RepoTags: unknown }[];
      assert.deepEqual(image?.RepoTags, [`pgha/image:${HEX.slice(0, 12)}`]);
      assert.deepEqual(files.get(LAYER.path), LAYER.content);
      assert.equal(files.has("repositories"), false);
      assert.ok(!sent.includes("haproxy:3.0"));
    }
  });

  it("is read again when another one takes its place, and not otherwise", async () => {
    const path = file("again", saved());
    const source = imageFiles();
    const asked = { field: "spec.container.image.archive", path };
    const first = await source(asked);
    assert.equal(await source(asked), first);
    file("again", gzipSync(saved()));
    assert.equal((await source(asked))?.compression, "gzip");
    rmSync(path);
    await assert.rejects(source(asked), refused(/cannot be read/));
  });

  it("is looked for by its name alone in the operator's folder, and nowhere else", async () => {
    file("mine.tar", saved());
    const asked = { field: "spec.container.image.archive", path: "/etc/../home/anna/mine.tar" };
    assert.equal((await imageFolder(folder)(asked))?.path, join(folder, "mine.tar"));
    await assert.rejects(imageFolder(undefined)(asked), refused(/this operator has no folder of images/));
  });
});
