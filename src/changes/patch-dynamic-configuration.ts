import type { HostChangeKind } from "./change-kind.ts";
import { callPatroni } from "./patroni-call.ts";

export interface PatchDynamicConfiguration {
  readonly kind: "patch-dynamic-configuration";
  /** Of the member's REST API, without a path. */
  readonly url: string;
  readonly patch: Readonly<Record<string, unknown>>;
}

export const patchDynamicConfiguration: HostChangeKind<PatchDynamicConfiguration> = {
  kind: "patch-dynamic-configuration",
  describe: ({ patch }) =>
    `change dynamic configuration: ${Object.entries(flatten(patch))
      .map(([key, value]) => `${key}=${value}`)
      .join(", ")}`,
  target: ({ patch }) => Object.keys(patch).join(" "),
  action: "change",
  event: "DynamicConfigurationChanged",
  undoneBy: "service",
  command: ({ url, patch }, { credentials }) =>
    callPatroni({ method: "PATCH", url: `${url}/config`, body: patch, maxSeconds: 20 }, credentials.restApi),
};

function flatten(value: Readonly<Record<string, unknown>>, prefix = ""): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) {
      Object.assign(result, flatten(inner as Record<string, unknown>, `${prefix}${key}.`));
    } else {
      result[prefix + key] = inner === null ? "(removed)" : typeof inner === "string" ? inner : JSON.stringify(inner);
    }
  }
  return result;
}
