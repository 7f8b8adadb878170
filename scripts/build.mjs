// Bundles the command line into dist/: pgha.mjs, and parts of it that are loaded only when needed.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { build } from "esbuild";

process.chdir(new URL("..", import.meta.url).pathname);
rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { pgha: "src/main.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  chunkNames: "part-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Optional native helpers of ssh2: it looks for them and does without.
  external: ["cpu-features", "*.node"],
  // CommonJS dependencies call require for Node's own modules.
  banner: { js: 'import { createRequire as pghaCreateRequire } from "node:module"; const require = pghaCreateRequire(import.meta.url);' },
  define: { PGHA_COMMIT: JSON.stringify(commit()) },
  legalComments: "linked",
  logLevel: "warning",
});

/** The commit this is built from, marked when the tree differs from it. */
function commit() {
  const git = (...words) => execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "-modified");
  } catch {
    return "unknown";
  }
}
