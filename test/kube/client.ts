import { KubeConfig } from "@kubernetes/client-node";
import { createApiClient } from "../../src/runtime/api-client.ts";
import type { ApiClient } from "../../src/runtime/api-client.ts";
import { connectionFrom } from "../../src/runtime/api-connection.ts";
import { systemClock } from "../../src/runtime/clock.ts";

/** A client of our own for a kubeconfig; close it when done. */
export function clientOf(kubeconfigPath: string): ApiClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return createApiClient({ connection: connectionFrom(config), clock: systemClock, userAgent: "test" });
}
