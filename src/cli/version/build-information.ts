import manifest from "../../../package.json" with { type: "json" };

declare const PGHA_COMMIT: string | undefined;

/** What this pgha was built from. scripts/build.mjs bakes the commit in; run from source there is none. */
export const buildInformation = {
  version: manifest.version,
  commit: typeof PGHA_COMMIT === "undefined" ? "none (run from source)" : PGHA_COMMIT,
} as const;
