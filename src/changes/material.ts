import type { Credentials } from "../credentials/index.ts";

/** What commands need beside the change itself: the secrets of the resource's cluster, which no plan holds. */
export interface Material {
  readonly credentials: Credentials;
  readonly postgresqlPort: number;
  /** Where its image is pulled from, if that asks who one is. */
  readonly registry?: RegistryLogin;
}

/** As config.json of Docker's client has it. */
export interface RegistryLogin {
  readonly auths: Readonly<Record<string, unknown>>;
  /** What in it must not be shown. */
  readonly secrets: readonly string[];
}
