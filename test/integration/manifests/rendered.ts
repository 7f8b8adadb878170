import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loadAll } from "js-yaml";
import { toolPaths } from "../../kube/assets.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
export const CHART = `${REPOSITORY}charts/pgha`;

/** An object of Kubernetes as a file declares it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const TOOLS = await toolPaths(["kustomize", "helm"]);

/** Runs kustomize or helm; rejects with what it said when it fails. */
export async function run(tool: keyof typeof TOOLS, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(TOOLS[tool], [...args], { timeout: 60_000, maxBuffer: 64 << 20 });
  return stdout;
}

/** What `kubectl apply -k` of a folder of manifests/ would apply, as text. */
export function kustomized(folder: string): Promise<string> {
  return run("kustomize", ["build", `${REPOSITORY}manifests/${folder}`]);
}

/** What the chart makes of values written as `--set` takes them, as text. */
export function templated(...values: readonly string[]): Promise<string> {
  return run("helm", [
    "template",
    "pgha",
    CHART,
    "--namespace=pgha-system",
    "--kube-version=1.37.0",
    ...values.map((value) => `--set=${value}`),
  ]);
}

/** The same of a release of any name in any namespace, with values as a document. */
export async function rendered(release: string, namespace: string, values: object = {}): Promise<readonly Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), "pgha-values-"));
  try {
    await writeFile(join(folder, "values.json"), JSON.stringify(values));
    return objectsIn(
      await run("helm", [
        "template",
        release,
        CHART,
        `--namespace=${namespace}`,
        "--kube-version=1.37.0",
        `--values=${join(folder, "values.json")}`,
      ]),
    );
  } finally {
    removeFolder(folder);
  }
}

export function objectsIn(text: string): readonly Manifest[] {
  return loadAll(text).filter((document): document is Manifest => document !== null && document !== undefined);
}

/** By `Kind/name`, each without the labels and annotations that only say who rendered it. */
export function comparable(objects: readonly Manifest[]): Readonly<Record<string, Manifest>> {
  return Object.fromEntries(
    objects
      .map((object) => [`${object.kind}/${object.metadata.name}`, withoutOrigin(object)] as const)
      .toSorted(([left], [right]) => left.localeCompare(right)),
  );
}

const ORIGIN: ReadonlySet<string> = new Set([
  "app.kubernetes.io/instance",
  "app.kubernetes.io/version",
  "app.kubernetes.io/managed-by",
  "helm.sh/chart",
  "helm.sh/resource-policy",
  "app.kubernetes.io/component",
]);

function withoutOrigin({ metadata, ...rest }: Manifest): Manifest {
  const { labels = {}, annotations = {}, ...others } = metadata;
  const [kept, notes] = [labels, annotations].map((entries) =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => !ORIGIN.has(key))),
  );
  return { ...rest, metadata: { ...others, labels: kept ?? {}, annotations: notes ?? {} } } as unknown as Manifest;
}
