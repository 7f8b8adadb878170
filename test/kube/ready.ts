import { existsSync, readFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { tail } from "./child.ts";
import type { Child } from "./child.ts";
import { certificateFile } from "./server-arguments.ts";
import type { Layout } from "./server-arguments.ts";
import { until } from "./until.ts";

const START_DEADLINE_MS = 60_000;

/** Resolves when the API server serves, its roles included; rejects with the end of its log when it does not. */
export async function untilReady(child: Child, layout: Layout, url: string): Promise<void> {
  const log = join(layout.folder, "kube-apiserver.log");
  try {
    await until(
      "kube-apiserver ready",
      async () =>
        !child.isRunning() ||
        ((await answers(layout, url, "/readyz")) && (await answers(layout, url, "/api/v1/namespaces/default"))),
      START_DEADLINE_MS,
    );
    if (!child.isRunning()) throw new Error("kube-apiserver ended");
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${tail(log)}`, { cause: error });
  }
}

function answers(layout: Layout, url: string, path: string): Promise<boolean> {
  const file = certificateFile(layout.folder);
  if (!existsSync(file)) return Promise.resolve(false);
  const options = {
    ca: readFileSync(file),
    headers: { authorization: `Bearer ${layout.adminToken}` },
    agent: false,
    timeout: 2_000,
  };
  return new Promise((resolve) => {
    const request = get(`${url}${path}`, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}
