/** One host of an inventory, as written there. */
export interface InventoryHost {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly name: string;
  /** The private address: hosts talk to each other on it. */
  readonly address: string;
  readonly env: string | undefined;
  /** SSH user; "" when the inventory has none. */
  readonly user: string;
  /** All cells by the name of their column, in lower case. Empty where the columns are not known. */
  readonly cells: ReadonlyMap<string, string>;
}

/** `db-1 (10.0.0.120, line 7)`. */
export function shownHost(host: InventoryHost): string {
  return `${host.name} (${host.address === "" ? "no address" : host.address}, line ${host.line})`;
}
