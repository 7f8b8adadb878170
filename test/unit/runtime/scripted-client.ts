import { Readable } from "node:stream";
import type { ApiClient, ApiRequest } from "../../../src/runtime/api-client.ts";
import { ApiError } from "../../../src/runtime/api-error.ts";

/** A client without a network: `answer` gives what request() resolves with, or throws. */
export function scriptedClient(
  answer: (request: ApiRequest) => unknown,
  stream: (request: ApiRequest) => Readable = () => Readable.from([]),
): ApiClient {
  return {
    request: (request) => new Promise((resolve) => resolve(answer(request))),
    stream: (request) => new Promise((resolve) => resolve(stream(request))),
    lastContact: () => 0,
    close: () => {},
  };
}

export function apiError(status: number | undefined, retryAfterMs?: number): ApiError {
  return new ApiError(`scripted ${status}`, { status, retryAfterMs });
}

/** The body of a watch: one JSON document a line, cut into chunks at awkward places. */
export function watchBody(events: readonly unknown[]): Readable {
  const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += 7) chunks.push(bytes.subarray(start, start + 7));
  return Readable.from(chunks);
}
