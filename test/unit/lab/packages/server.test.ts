import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { request, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { createPackageProxy } from "../../../lab/packages/server.ts";
import { MirrorRefusedError } from "../../../lab/packages/store.ts";
import { removeFolder } from "../../../temporary/remove-folder.ts";

const modified = new Date("2026-11-21T09:15:44.700Z");

describe("the package proxy", () => {
  let directory: string;
  let proxy: Server;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "pgha-proxy-"));
    const path = join(directory, "file");
    await writeFile(path, "content");
    proxy = createPackageProxy("mirror.test", async (url) => {
      if (url.pathname.endsWith("missing")) throw new MirrorRefusedError(404, url);
      if (url.pathname.endsWith("broken")) throw new Error("unreachable");
      return { path, size: 7, modified };
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
  });
  after(async () => {
    proxy.close();
    removeFolder(directory);
  });

  async function ask(
    path: string,
    method = "GET",
    headers = {},
  ): Promise<{ status: number; body: string; head: IncomingMessage["headers"] }> {
    const address = proxy.address();
    assert.ok(address !== null && typeof address === "object");
    const sent = request({ host: "127.0.0.1", port: address.port, path, method, headers, agent: false }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await text(response), head: response.headers };
  }

  test("hands out a file of the mirror", async () => {
    const { status, body, head } = await ask("http://mirror.test/debian/pool/x.deb");
    assert.deepEqual([status, body, head["content-length"]], [200, "content", "7"]);
    assert.equal((await ask("http://mirror.test/debian/pool/x.deb", "HEAD")).body, "");
  });

  test("says 304 to who has the file already, to the second", async () => {
    const url = "http://mirror.test/debian/dists/trixie/InRelease";
    const { head } = await ask(url);
    assert.equal((await ask(url, "GET", { "if-modified-since": head["last-modified"] })).status, 304);
    assert.equal((await ask(url, "GET", { "if-modified-since": "Sat, 21 Nov 2026 09:15:43 GMT" })).status, 200);
  });

  test("is no open proxy", async () => {
    for (const url of [
      "http://other.test/debian/pool/x.deb",
      "http://mirror.test/secret",
      "/debian/pool/x.deb",
      "http://mirror.test:81/pool/x",
    ]) {
      assert.equal((await ask(url)).status, 403, url);
    }
    assert.equal((await ask("http://mirror.test/debian/pool/x.deb", "PUT")).status, 403);
  });

  test("passes on what the mirror refuses, and says 502 when it cannot be reached", async () => {
    assert.equal((await ask("http://mirror.test/debian/pool/missing")).status, 404);
    assert.equal((await ask("http://mirror.test/debian/pool/broken")).status, 502);
  });
});
