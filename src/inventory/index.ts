export { findInventory } from "./find.ts";
export type { ScanHostKey } from "./host-keys.ts";
export { importInventory } from "./import-inventory.ts";
export type { ImportedManifest, ImportOptions } from "./import-inventory.ts";
export { scanHostKey } from "./scan-host-key.ts";
