import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump, loadAll } from "js-yaml";
import type { Lab } from "../../lab/lab.ts";
import { startPackagedLab } from "./packaged-lab.ts";
import { pgha, pghaKilled } from "./pgha.ts";
import type { LogLine, PghaResult } from "./pgha.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

/** A manifest as js-yaml reads it: the journeys change a field here and there, as a person would in an editor. */
export type Manifest = Record<string, unknown> & {
  kind: string;
  spec: Record<string, unknown> & { hosts: Record<string, unknown>[] };
};

export interface SiteOptions {
  /** Words for `pgha import` beside those that every site has. */
  readonly importWords?: readonly string[];
  /** The proxy hosts, for `pgha import`; the field's two by default. */
  readonly proxies?: string;
  readonly edit?: (manifests: readonly Manifest[]) => void;
}

/** Names of the field's database hosts. */
export const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"] as const;
export const PROXIES = ["proxy-01", "proxy-02"] as const;
export const ROLES = ["keybuzz", "n8n", "chatwoot"] as const;

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  keybuzz: ["uuid-ossp", "vector"],
  n8n: ["uuid-ossp"],
  chatwoot: ["uuid-ossp", "pgcrypto", "pg_stat_statements"],
};

/** The folder of somebody who runs pgha against a lab: a manifest imported from the lab's inventory, and the state. */
export class Site {
  readonly lab: Lab;
  readonly folder: string;
  readonly #endings: (() => void)[] = [];

  constructor(lab: Lab, folder: string) {
    this.lab = lab;
    this.folder = folder;
  }

  get manifestPath(): string {
    return join(this.folder, "pgha.yaml");
  }

  get stateFolder(): string {
    return join(this.folder, ".pgha");
  }

  async pgha(...words: readonly string[]): Promise<PghaResult> {
    return pgha(this.folder, words);
  }

  /** Runs pgha, which must end with this code. */
  async demand(exitCode: number, ...words: readonly string[]): Promise<PghaResult> {
    const result = await this.pgha(...words);
    assert.equal(
      result.exitCode,
      exitCode,
      `pgha ${words.join(" ")} ended with ${result.exitCode}\n${result.stdout}\n${result.stderr}`,
    );
    return result;
  }

  async applyKilled(
    isTheMoment: (line: LogLine) => boolean,
  ): Promise<PghaResult & { readonly lines: readonly LogLine[] }> {
    return pghaKilled(this.folder, ["apply", "--yes", "--no-diff"], isTheMoment);
  }

  async edit(change: (manifests: readonly Manifest[]) => void): Promise<void> {
    const manifests = loadAll(await readFile(this.manifestPath, "utf8")) as Manifest[];
    change(manifests);
    await writeFile(this.manifestPath, manifests.map((manifest) => dump(manifest, { lineWidth: -1 })).join("---\n"));
  }

  /** Entries of all Secrets in the state folder, by name of the Secret. */
  async secrets(): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    const folder = join(this.stateFolder, "secrets");
    const files = (await readdir(folder)).filter((file) => !file.startsWith("."));
    const read = async (file: string): Promise<readonly [string, Readonly<Record<string, string>>]> => {
      const { metadata, data } = loadAll(await readFile(join(folder, file), "utf8"))[0] as {
        metadata: { name: string };
        data: Record<string, string>;
      };
      return [
        metadata.name,
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
        ),
      ];
    };
    return new Map(await Promise.all(files.map(read)));
  }

  /** Sets entries of a Secret in the state folder, as a person would in an editor. */
  async rewriteSecret(name: string, entries: Readonly<Record<string, string>>): Promise<void> {
    const file = join(this.stateFolder, "secrets", `${name}.yaml`);
    const [secret] = loadAll(await readFile(file, "utf8")) as [{ data: Record<string, string> }];
    for (const [key, text] of Object.entries(entries)) secret.data[key] = Buffer.from(text).toString("base64");
    await writeFile(file, dump(secret));
  }

  /** What goes on against the lab until its test has stopped it, which one that fails never does. */
  onClose(end: () => void): void {
    this.#endings.push(end);
  }

  /** Ends what goes on, and takes the lab down. With PGHA_KEEP_LAB set it stays, to be looked at: `PGHA_LAB=NAME test/lab/lab`. */
  async close(): Promise<void> {
    for (const end of this.#endings) end();
    if (process.env["PGHA_KEEP_LAB"] !== undefined) {
      process.stderr.write(`kept: lab ${this.lab.name}, ${this.folder}\n`);
      return;
    }
    await this.lab.down();
    removeFolder(this.folder);
  }
}

/** Imports the lab's inventory as a person would, with the lab's key, and adds what an inventory cannot say. */
export async function openSite(
  lab: Lab,
  { importWords = [], proxies = "role=lb,subrole=internal-haproxy", edit = () => undefined }: SiteOptions = {},
): Promise<Site> {
  const site = new Site(lab, await mkdtemp(join(tmpdir(), "pgha-journey-")));
  await site.demand(
    0,
    "import",
    lab.serversTsv,
    "--env",
    "prod",
    "--db",
    MEMBERS.join(","),
    "--proxies",
    proxies,
    "--scan-host-keys",
    "--ssh-key",
    lab.sshKeyPath,
    "--name",
    "keybuzz-pg",
    "--roles",
    ROLES.join(","),
    "--databases",
    ROLES.join(","),
    "--client-networks",
    "10.77.0.0/16",
    ...importWords,
    "-o",
    "pgha.yaml",
  );
  await site.edit((manifests) => {
    const cluster = clusterOf(manifests);
    Object.assign(cluster.spec["postgresql"] as object, {
      parameters: { max_connections: 200, shared_buffers: "64MB" },
    });
    cluster.spec["databases"] = ROLES.map((name) => ({ name, owner: name, extensions: EXTENSIONS[name] }));
    edit(manifests);
  });
  return site;
}

/** The field's stack as apply left it, on hosts of its own. */
export async function openAppliedSite(): Promise<Site> {
  const site = await openSite(await startPackagedLab());
  try {
    await site.demand(0, "apply", "--yes");
    return site;
  } catch (error) {
    await site.close();
    throw error;
  }
}

export function clusterOf(manifests: readonly Manifest[]): Manifest {
  const found = manifests.find((manifest) => manifest.kind === "PostgresHACluster");
  assert.ok(found !== undefined);
  return found;
}
