import { request } from "node:https";
import type { Kube } from "../../kube/start-kube.ts";

/** What the API server says of a document that is to be created, without keeping it. */
export interface ServerVerdict {
  readonly accepted: boolean;
  /** Its words, empty when accepted. */
  readonly message: string;
  /** The object after defaults, when accepted. */
  readonly object: unknown;
}

/** Creates a resource of ours on trial, with unknown fields refused as kubectl does. */
export async function dryRun(kube: Kube, plural: string, document: object): Promise<ServerVerdict> {
  const { status, body } = await post(
    kube,
    `/apis/pgha.keybuzz.io/v1alpha1/namespaces/default/${plural}?dryRun=All&fieldValidation=Strict`,
    document,
  );
  const accepted = status === 201;
  return { accepted, message: accepted ? "" : messageOf(body), object: accepted ? body : undefined };
}

function post(
  kube: Kube,
  path: string,
  document: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${kube.adminToken}`, "content-type": "application/json" };
    const sent = request(
      `${kube.url}${path}`,
      { method: "POST", headers, ca: kube.certificateAuthority, timeout: 30_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    sent.once("error", reject);
    sent.once("timeout", () => sent.destroy(new Error("the API server does not answer")));
    sent.end(JSON.stringify(document));
  });
}

function messageOf(body: unknown): string {
  return typeof body === "object" && body !== null && "message" in body ? String(body.message) : JSON.stringify(body);
}
