import { createReadStream } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { MirrorRefusedError, type StoredFile } from "./store.ts";

/**
 * An HTTP proxy for apt that hands out what `lookup` finds. It is no open proxy: only files of a Debian archive
 * (`/dists/` and `/pool/`) on `mirrorHost` are served, everything else is refused with 403.
 */
export function createPackageProxy(mirrorHost: string, lookup: (url: URL) => Promise<StoredFile>): Server {
  return createServer((request, response) => {
    answer(request, response, mirrorHost, lookup).catch((error: unknown) => {
      refuse(response, error instanceof MirrorRefusedError ? error.status : 502, String(error));
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  mirrorHost: string,
  lookup: (url: URL) => Promise<StoredFile>,
): Promise<void> {
  const url = URL.parse(request.url ?? "");
  const served = url?.protocol === "http:" && url.host === mirrorHost && /\/(?:dists|pool)\//.test(url.pathname);
  if (!served || (request.method !== "GET" && request.method !== "HEAD")) {
    return refuse(response, 403, `only packages of ${mirrorHost} are served here`);
  }
  const file = await lookup(url);
  const known = Date.parse(request.headers["if-modified-since"] ?? "");
  response.setHeader("last-modified", file.modified.toUTCString());
  // HTTP dates are whole seconds.
  if (known >= Math.floor(file.modified.getTime() / 1000) * 1000) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": file.size });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(file.path), response);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "text/plain" }).end(`${reason}\n`);
}
