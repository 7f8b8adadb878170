import type { ControllerChange } from "../changes/table.ts";
import type { Material } from "../changes/material.ts";
import type { RemoteShell } from "../shell/shell.ts";
import type { ApplyEvent } from "./events.ts";

/** What taking a wave needs of the outside. */
export interface Hands {
  readonly shellFor: (host: string) => RemoteShell;
  readonly materialFor: (resource: string) => Material;
  /** Acts on the controlling side's own records. */
  readonly record: (change: ControllerChange, resource: string) => Promise<void>;
  readonly owner: string;
  readonly onEvent: (event: ApplyEvent) => void;
  readonly signal: AbortSignal;
  readonly now: () => number;
}
