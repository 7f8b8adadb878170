import { KubeConfig } from "@kubernetes/client-node";
import { PghaError } from "../../errors.ts";
import { addTokenFiles, defaultKubeconfigFiles } from "../../runtime/token-files.ts";

/** Who and where, and the namespace that the context names. Throws PghaError. */
export function loadKubeconfig({ kubeconfig, context }: { readonly kubeconfig?: string; readonly context?: string }): { readonly config: KubeConfig; readonly namespace: string } {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    addTokenFiles(config, kubeconfig === undefined ? defaultKubeconfigFiles(process.env) : [kubeconfig]);
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    throw new PghaError(`the kubeconfig cannot be used: ${error instanceof Error ? error.message : String(error)}`, { reason: "KubeconfigUnusable", retry: "never", cause: error });
  }
  if (config.getCurrentCluster() === null) {
    throw new PghaError("no API server is known", { reason: "KubeconfigUnusable", retry: "never", wayOut: "name a kubeconfig with --kubeconfig, and a context in it with --context" });
  }
  return { config, namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default" };
}
