import type { Kind } from "../api/index.ts";
import type { Controller } from "../runtime/controller.ts";
import type { Reflector } from "../runtime/reflector.ts";
import type { KubeSecret } from "../state/kube-secrets.ts";
import type { StoredResource } from "../state/live-resource.ts";

/** What is watched. */
export interface Watches {
  readonly resources: Readonly<Record<Kind, Pick<Reflector<StoredResource>, "onChange" | "store">>>;
  readonly secrets: readonly Pick<Reflector<KubeSecret>, "onChange">[];
}

export type Wakeable = Pick<Controller, "wake">;
