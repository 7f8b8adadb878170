import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import type { KubeConfig, User } from "@kubernetes/client-node";
import { kubeconfigUsers } from "./kubeconfig-users.ts";

/** The files of which client-node makes a kubeconfig when none is named; none in a pod. */
export function defaultKubeconfigFiles(variables: NodeJS.ProcessEnv): readonly string[] {
  const named = (variables["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  return named.length > 0
    ? named
    : [join(variables["HOME"] ?? homedir(), ".kube", "config")].filter((path) => existsSync(path));
}

/**
 * Gives the users of a kubeconfig the tokenFile that its files name for them. client-node reads such a file for a pod's
 * service account, but drops the field when it reads a kubeconfig, and whoever has nothing else asks as nobody. As with
 * kubectl, the file goes before a token, and is named from where the kubeconfig is
 * (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo).
 */
export function addTokenFiles(config: KubeConfig, kubeconfigFiles: readonly string[]): void {
  const tokenFiles = new Map(kubeconfigFiles.flatMap(tokenFilesIn));
  config.users = config.users.map((user) => {
    const tokenFile = tokenFiles.get(user.name);
    return tokenFile === undefined ? user : fromFile(user, tokenFile);
  });
}

function tokenFilesIn(kubeconfigFile: string): readonly (readonly [string, string])[] {
  return kubeconfigUsers(kubeconfigFile).flatMap(({ name, user }) => {
    const tokenFile = user?.["tokenFile"];
    return typeof tokenFile === "string" && tokenFile !== ""
      ? [[name, resolve(dirname(kubeconfigFile), tokenFile)] as const]
      : [];
  });
}

/**
 * As client-node writes it for a service account: it then reads the file again each minute, since tokens are
 * short-lived.
 */
function fromFile({ token: _, ...user }: User, tokenFile: string): User {
  return { ...user, authProvider: { name: "tokenFile", config: { tokenFile } } };
}
