import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { ApiError } from "./api-error.ts";

/** The whole body as text. */
export async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Throws ApiError for text that is not JSON, as a proxy's page of HTML is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(`the answer is not JSON: ${text.slice(0, 80)}`, { cause: error });
  }
}

/** The error that an answer with a status outside 2xx stands for; its message is the server's own where it gave one. */
export function answerError(
  request: { readonly method: string; readonly path: string },
  response: IncomingMessage,
  text: string,
): ApiError {
  const message = statusMessage(text) ?? response.statusMessage ?? "";
  const retryAfterMs = retryAfter(response.headers["retry-after"]);
  return new ApiError(`${request.method} ${request.path}: ${response.statusCode} ${message}`.trimEnd(), {
    status: response.statusCode,
    retryAfterMs,
  });
}

/** The API server sends whole seconds: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}

function statusMessage(text: string): string | undefined {
  try {
    const status = JSON.parse(text) as { readonly message?: unknown } | null;
    return typeof status?.message === "string" ? status.message : undefined;
  } catch {
    return undefined;
  }
}
