import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { dump } from "js-yaml";
import { customResourceDefinition } from "./crd.ts";
import { fieldReference } from "./field-reference.ts";
import { SPEC_SCHEMAS, type Kind } from "./kinds.ts";
import { KIND_NAMES } from "./printer-columns.ts";

/** Where the repository is. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Kustomize reads nothing outside its root and Helm nothing outside the chart, so each has its own copy. */
const CRD_FOLDERS = ["crds", "manifests/crds", "charts/pgha/files/crds"] as const;

/** The files that are made from the schemas, by their path in the repository, as they should be. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const kinds = Object.keys(SPEC_SCHEMAS) as readonly Kind[];
  const crds = CRD_FOLDERS.flatMap((folder) =>
    kinds.map((kind) => [`${folder}/${KIND_NAMES[kind].plural}.yaml`, crdYaml(kind)] as const),
  );
  const pages = await Promise.all(
    kinds.map(
      async (kind) =>
        [pagePath(kind), withReference(await readFile(join(ROOT, pagePath(kind)), "utf8"), kind)] as const,
    ),
  );
  return new Map([...crds, ...pages]);
}

/** The page about a kind. People write it; the two field references inside are generated. */
function pagePath(kind: Kind): string {
  return `docs/kinds/${KIND_NAMES[kind].singular}.md`;
}

function crdYaml(kind: Kind): string {
  return (
    `# Made from src/api by "make generate". Change the schema there, not this ` +
    `file.\n${dump(customResourceDefinition(kind), { lineWidth: 120, noRefs: true })}`
  );
}

function withReference(page: string, kind: Kind): string {
  return (["spec", "status"] as const).reduce((text, part) => {
    const [begin, end] = [`<!-- fields of ${part}: generated -->`, `<!-- end of fields of ${part} -->`];
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${pagePath(kind)} lacks the lines "${begin}" and "${end}"`);
    return `${text.slice(0, from + begin.length)}\n\n${fieldReference(kind, part)}\n\n${text.slice(to)}`;
  }, page);
}

if (import.meta.main) {
  for (const [path, content] of await generatedFiles()) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), content);
  }
}
