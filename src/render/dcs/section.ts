import type { Finding } from "../refusal.ts";
import type { YamlValue } from "../yaml.ts";

/** What a DCS has in patroni.yml of one member. */
export interface DcsSection {
  /** Its key. */
  readonly name: string;
  readonly content: YamlValue;
  /** The part of it that Patroni takes at its start only. */
  readonly takenAtStart: YamlValue;
  readonly faults: readonly Finding[];
}
