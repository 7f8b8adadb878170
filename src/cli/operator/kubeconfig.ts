import { KubeConfig } from "@kubernetes/client-node";
import { PghaError } from "../../errors.ts";
import { ignoredFields } from "../../runtime/kubeconfig-users.ts";
import { addTokenFiles, defaultKubeconfigFiles } from "../../runtime/token-files.ts";

/** Who and where, and the namespace that the context names. Throws PghaError. */
export function loadKubeconfig({ kubeconfig, context }: { readonly kubeconfig?: string; readonly context?: string }): {
  readonly config: KubeConfig;
  readonly namespace: string;
} {
  const config = new KubeConfig();
  const files = kubeconfig === undefined ? defaultKubeconfigFiles(process.env) : [kubeconfig];
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    addTokenFiles(config, files);
    if (context !== undefined) config.setCurrentContext(context);
  } catch (error) {
    throw new PghaError(`the kubeconfig cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      reason: "KubeconfigUnusable",
      retry: "never",
      cause: error,
    });
  }
  if (config.getCurrentCluster() === null) {
    throw new PghaError("no API server is known", {
      reason: "KubeconfigUnusable",
      retry: "never",
      wayOut: "name a kubeconfig with --kubeconfig, and a context in it with --context",
    });
  }
  const ignored = ignoredFields(config, files);
  if (ignored.length > 0) {
    const user = config.getCurrentUser()?.name ?? "";
    throw new PghaError(
      `the kubeconfig's user ${user} has ${ignored.join(" and ")}, which pgha cannot send to the API server`,
      {
        reason: "KubeconfigUnusable",
        retry: "never",
        wayOut:
          `take ${ignored.length === 1 ? "it" : "them"} out and give the rights to the user itself, or ` +
          "to the one in its field as",
      },
    );
  }
  return { config, namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default" };
}
