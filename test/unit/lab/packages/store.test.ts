import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { createStore, MirrorRefusedError, type Fetch } from "../../../lab/packages/store.ts";
import { removeFolder } from "../../../temporary/remove-folder.ts";

const packageUrl = new URL("http://mirror.test/debian/pool/main/h/hello/hello_1_amd64.deb");
const indexUrl = new URL("http://mirror.test/debian/dists/trixie/InRelease");
const hour = 60 * 60 * 1000;

describe("the store of packages", () => {
  let directory: string;
  let asked: string[];
  let answer: () => Response | Error;
  const fetch: Fetch = async (url) => {
    asked.push(url.pathname);
    const given = answer();
    if (given instanceof Error) throw given;
    return given;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "pgha-store-"));
    asked = [];
    answer = () => new Response("content");
  });
  afterEach(async () => removeFolder(directory));

  test("downloads a package once for all who ask at the same time, and never again", async () => {
    const lookup = createStore(directory, fetch, Date.now);
    const files = await Promise.all([lookup(packageUrl), lookup(packageUrl), lookup(packageUrl)]);
    const muchLater = createStore(directory, fetch, () => Date.now() + 1000 * hour);
    files.push(await muchLater(packageUrl));
    assert.equal(asked.length, 1);
    for (const file of files) assert.equal(await readFile(file.path, "utf8"), "content");
  });

  test("asks for an index again when it is an hour old, not before", async () => {
    await createStore(directory, fetch, Date.now)(indexUrl);
    await createStore(directory, fetch, () => Date.now() + hour / 2)(indexUrl);
    assert.equal(asked.length, 1);
    answer = () => new Response("newer");
    const file = await createStore(directory, fetch, () => Date.now() + 2 * hour)(indexUrl);
    assert.equal(await readFile(file.path, "utf8"), "newer");
  });

  test("keeps the date of an index that did not change, so that apt hears 304", async () => {
    const first = await createStore(directory, fetch, Date.now)(indexUrl);
    const again = await createStore(directory, fetch, () => Date.now() + 2 * hour)(indexUrl);
    assert.equal(asked.length, 2);
    assert.deepEqual(again.modified, first.modified);
  });

  test("takes the date that the mirror states", async () => {
    const stated = "Sat, 21 Nov 2026 09:15:44 GMT";
    answer = () => new Response("content", { headers: { "last-modified": stated } });
    const file = await createStore(directory, fetch, Date.now)(indexUrl);
    assert.equal(file.modified.toUTCString(), stated);
  });

  test("serves an old index when the mirror cannot be reached", async () => {
    await createStore(directory, fetch, Date.now)(indexUrl);
    answer = () => new Error("unreachable");
    const file = await createStore(directory, fetch, () => Date.now() + 2 * hour)(indexUrl);
    assert.equal(await readFile(file.path, "utf8"), "content");
  });

  test("passes a refusal on and keeps nothing of it", async () => {
    answer = () => new Response("no such file", { status: 404 });
    const lookup = createStore(directory, fetch, Date.now);
    await assert.rejects(lookup(packageUrl), (error) => error instanceof MirrorRefusedError && error.status === 404);
    answer = () => new Response("content");
    assert.equal((await lookup(packageUrl)).size, 7);
  });

  test("keeps nothing of a download that broke off", async () => {
    answer = () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) }));
    const lookup = createStore(directory, fetch, Date.now);
    await assert.rejects(lookup(packageUrl), /reset/);
    answer = () => new Response("content");
    assert.equal((await lookup(packageUrl)).size, 7);
  });
});
