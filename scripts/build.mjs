// Bundles the command line into dist/ (or the folder given): pgha.mjs, and parts of it that are loaded only when needed.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { unusedModels } from "./unused-models.mjs";
import { precompiledValidators } from "./precompiled-validators.mjs";

const outdir = resolve(process.argv[2] ?? new URL("../dist", import.meta.url).pathname);
process.chdir(new URL("..", import.meta.url).pathname);
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: { pgha: "src/main.ts" },
  outdir,
  outExtension: { ".js": ".mjs" },
  chunkNames: "part-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Optional native helpers of ssh2: it looks for them and does without.
  external: ["cpu-features", "*.node"],
  plugins: [precompiledValidators, unusedModels],
  // What CommonJS dependencies (ssh2) expect to find: require for Node's own modules, and where they are.
  banner: {
    js: [
      'import { createRequire as pghaCreateRequire } from "node:module";',
      "const require = pghaCreateRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
    ].join("\n"),
  },
  // Node keeps the text of all that it runs, comments too; lines stay short, for traces to name a place.
  minifyWhitespace: true,
  lineLimit: 120,
  define: { PGHA_COMMIT: JSON.stringify(commit()) },
  legalComments: "linked",
  logLevel: "warning",
});

/** The commit this is built from, marked when the tree differs from it. Where there is no repository it may be told. */
function commit() {
  if (process.env.PGHA_COMMIT) return process.env.PGHA_COMMIT;
  const git = (...words) => execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "-modified");
  } catch {
    return "unknown";
  }
}
