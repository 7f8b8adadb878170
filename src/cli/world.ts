import type { SecretDocument as WrittenSecret } from "../api/secret-document.ts";
import type { OpenWorld } from "./services.ts";

export interface WorldOptions {
  readonly stateFolder: string;
  readonly secrets: readonly WrittenSecret[];
  /** Who will be named as the holder of a host: "pgha apply". */
  readonly command: string;
  readonly now: () => number;
}

export async function openWorld(_options: WorldOptions): Promise<OpenWorld> {
  throw new Error("not yet");
}
