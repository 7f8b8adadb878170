import { request as httpRequest } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import type { ApiConnection } from "./api-connection.ts";
import { ApiError } from "./api-error.ts";
import { answerError, parseJson, readAll } from "./api-answer.ts";
import { answerOf, failWhenIdle, NoAnswer } from "./api-exchange.ts";
import type { Answer } from "./api-exchange.ts";
import type { Clock } from "./clock.ts";

/** One question to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Such as `/api/v1/namespaces/default/secrets`; see kube-object.ts. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Default `application/merge-patch+json` for PATCH, else `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Time for the whole answer (of a stream: for its beginning), in milliseconds. Default 15 s. */
  readonly timeoutMs?: number;
}

/** Talks JSON with the API server over pooled HTTP/1.1 connections. */
export interface ApiClient {
  /** The parsed answer. Rejects with ApiError. */
  request(request: ApiRequest): Promise<unknown>;
  /** An answer that goes on, such as a watch. It fails once nothing came for `idleMs`; destroy it to end it. */
  stream(request: ApiRequest, idleMs: number): Promise<Readable>;
  /** When the API server last said anything but an error of its own, by the monotonic clock; -Infinity: never. */
  lastContact(): number;
  close(): void;
}

export interface ApiClientOptions {
  readonly connection: ApiConnection;
  readonly clock: Clock;
  /** Sent as User-Agent, which audit logs show. */
  readonly userAgent?: string;
  /** Called for each answer with its status, or `<error>` when none came, as client-go counts them. */
  readonly onAnswer?: (method: string, code: string) => void;
}

const DEFAULT_TIMEOUT_MS = 15_000;

export function createApiClient(options: ApiClientOptions): ApiClient {
  const { connection, clock, onAnswer } = options;
  /** Open streams, each with when it last said something. */
  const streams = new Map<Readable, number>();
  let lastContact = -Infinity;
  const contact = (): void => {
    lastContact = clock.monotonic();
  };

  /**
   * A question asked at `since` got no answer. Whatever else was silent from then on shares its fate: the network may
   * have lost all connections at once, and a watch alone would notice only after its own, longer patience.
   */
  const suspect = (since: number): void => {
    connection.dropIdle();
    for (const [stream, heard] of streams)
      if (heard < since) stream.destroy(new ApiError("silent while another request got no answer"));
  };

  const send = async (request: ApiRequest): Promise<Answer> => {
    const { server } = connection;
    const payload = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const base = await connection.options().catch((error: unknown) => {
      throw unreachable(request, error);
    });
    const start = server.protocol === "http:" ? httpRequest : httpsRequest;
    const ask = (): Promise<Answer> => {
      const outgoing = start({
        ...base,
        method: request.method,
        path: `${server.pathname.replace(/\/$/, "")}${request.path}${queryString(request.query)}`,
        headers: {
          ...(base.headers as OutgoingHttpHeaders | undefined),
          ...headers(request, payload, options.userAgent),
        },
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      outgoing.end(payload);
      const sent = clock.monotonic();
      return answerOf(outgoing, request.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => suspect(sent));
    };
    try {
      const answer = await ask().catch((error: unknown) => {
        // The server closed an idle connection at the moment it was picked: only a read is safe to repeat.
        if (
          request.method === "GET" &&
          error instanceof NoAnswer &&
          error.reusedSocket &&
          request.signal?.aborted !== true
        )
          return ask();
        throw error;
      });
      const code = answer.response.statusCode ?? 0;
      if (code < 500) contact();
      onAnswer?.(request.method, String(code));
      return answer;
    } catch (error) {
      onAnswer?.(request.method, "<error>");
      throw unreachable(request, error);
    }
  };

  return {
    async request(request) {
      const { response, deadline } = await send(request);
      try {
        const text = await readAll(response);
        if (!isSuccess(response)) throw answerError(request, response, text);
        return parseJson(text);
      } catch (error) {
        throw error instanceof ApiError ? error : unreachable(request, deadline.passed() ?? error);
      } finally {
        deadline.stop();
      }
    },

    async stream(request, idleMs) {
      const { response, deadline } = await send(request);
      if (!isSuccess(response)) {
        const text = await readAll(response).finally(() => deadline.stop());
        throw answerError(request, response, text);
      }
      deadline.stop();
      const heard = (): void => {
        contact();
        streams.set(response, lastContact);
      };
      heard();
      response.on("data", heard).pause();
      response.once("close", () => streams.delete(response));
      failWhenIdle(response, idleMs, () => connection.dropIdle());
      return response;
    },

    lastContact: () => lastContact,
    close: () => connection.close(),
  };
}

function headers(
  request: ApiRequest,
  payload: Buffer | undefined,
  userAgent = "pgha",
): Record<string, string | number> {
  const common = { accept: "application/json", "user-agent": userAgent };
  if (payload === undefined) return common;
  const type =
    request.contentType ?? (request.method === "PATCH" ? "application/merge-patch+json" : "application/json");
  return { ...common, "content-type": type, "content-length": payload.length };
}

function queryString(query: ApiRequest["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}

function isSuccess(response: IncomingMessage): boolean {
  return response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300;
}

function unreachable(request: ApiRequest, error: unknown): ApiError {
  return new ApiError(`${request.method} ${request.path}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
