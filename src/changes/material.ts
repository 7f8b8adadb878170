import type { Credentials } from "../credentials/index.ts";

/** What commands need beside the change itself: the secrets of the resource's cluster, which no plan holds. */
export interface Material {
  readonly credentials: Credentials;
  readonly postgresqlPort: number;
}
