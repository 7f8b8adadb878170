import { readFileSync } from "node:fs";
import type { KubeConfig } from "@kubernetes/client-node";
import { load } from "js-yaml";

/** A user as a kubeconfig has it (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo). */
export interface KubeconfigUser {
  readonly name: string;
  readonly user?: Readonly<Record<string, unknown>> | null;
}

/** The users in a kubeconfig with all their fields: client-node drops those that it does not know. */
export function kubeconfigUsers(file: string): readonly KubeconfigUser[] {
  const { users } = load(readFileSync(file, "utf8")) as { readonly users?: readonly KubeconfigUser[] | null };
  return users ?? [];
}

/**
 * Fields of the current user that would be passed over, so that the API server would see somebody else than the
 * kubeconfig says. Of impersonation client-node sends `as` only.
 */
export function ignoredFields(config: KubeConfig, files: readonly string[]): readonly string[] {
  const current = config.getCurrentUser()?.name;
  const fields = files
    .flatMap(kubeconfigUsers)
    .filter(({ name }) => name === current)
    .flatMap(({ user }) => Object.keys(user ?? {}));
  return IGNORED.filter((field) => fields.includes(field));
}

const IGNORED = ["as-groups", "as-uid", "as-user-extra"] as const;
