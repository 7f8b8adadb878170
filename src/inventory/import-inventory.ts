import { createHash } from "node:crypto";
import { parseDocuments } from "../api/parse.ts";
import { closest } from "../api/suggest.ts";
import { validateParsed } from "../api/validate.ts";
import { shown } from "../api/shown.ts";
import { InvalidInputError } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { formatHostKey } from "../shell/host-key.ts";
import { list } from "../text/words.ts";
import { scanKeys } from "./host-keys.ts";
import type { ScanHostKey } from "./host-keys.ts";
import { runtimeProblems } from "./images.ts";
import type { RuntimeAsked } from "./images.ts";
import { formatManifest } from "./manifest.ts";
import type { ManifestPlan } from "./manifest.ts";
import { readInventory } from "./read-inventory.ts";
import type { Inventory } from "./read-inventory.ts";
import { shownHost } from "./row.ts";
import type { InventoryHost } from "./row.ts";
import { selectHosts } from "./select.ts";
import { hostProblems, manifestName, memberProblems } from "./soundness.ts";

export interface ImportOptions extends RuntimeAsked {
  /** Content of the inventory. */
  readonly text: string;
  /** Its path, for messages and the manifest's first line. */
  readonly file: string;
  /** --db: host names, or column=value pairs, with commas between. */
  readonly db: string | undefined;
  /** --proxies, in the same way; without it no pools are made. */
  readonly proxies?: string;
  /** --env: only rows of this environment. */
  readonly env?: string;
  /** --name of the cluster; pg-<env> else. */
  readonly name?: string;
  /** --roles and --databases: names. A database is owned by the role of its name, or as in `database:owner`. */
  readonly roles?: readonly string[];
  readonly databases?: readonly string[];
  /** --data-volume: PATH, or PATH:FILESYSTEM. */
  readonly dataVolume?: string;
  readonly postgresVersion?: number;
  readonly clientNetworks?: readonly string[];
  /** --ssh-user for all hosts, in place of the inventory's. */
  readonly sshUser?: string;
  /** Name of the Secret with the SSH key. */
  readonly sshKeySecret?: string;
  /** A cluster of one host, which has no high availability. */
  readonly allowSingleMember?: boolean;
  /** --baseline: a HostBaseline beside the others. */
  readonly baseline?: boolean;
  /** --scan-host-keys: how to ask an address for its key. */
  readonly scan?: ScanHostKey;
}

/** A manifest, and what a person should know about how it came about. */
export interface ImportedManifest {
  readonly manifestText: string;
  readonly notes: readonly string[];
}

const DEFAULT_VOLUME = "/opt/keybuzz/postgres/data:xfs";

/**
 * Turns an inventory into a manifest of a cluster and its pools. Throws InvalidInputError with all findings: nothing is
 * guessed. Without `scan` the host keys are left for a person to fill in, and the manifest is refused until they are.
 */
export async function importInventory(options: ImportOptions): Promise<ImportedManifest> {
  const inventory = readInventory(options.text, options.file);
  refuseIfAny(inventory.problems);
  const among = ofEnvironment(options, inventory);
  if (options.db === undefined) {
    const names = among.length > 3 ? "host-1,host-2,host-3" : among.map(({ name }) => name).join(",");
    throw new InvalidInputError([
      {
        resource: "--db",
        path: "",
        message: "says which hosts form the cluster, and is missing",
        wayOut: `name them: --db ${names}`,
      },
    ]);
  }
  const databases = selectHosts(
    { option: "--db", what: "database hosts", text: options.db, expected: 3 },
    among,
    inventory,
  );
  const proxies =
    options.proxies === undefined
      ? undefined
      : selectHosts({ option: "--proxies", what: "proxy hosts", text: options.proxies, expected: 2 }, among, inventory);
  refuseIfAny([...databases.problems, ...(proxies?.problems ?? [])]);
  refuseIfAny([
    ...runtimeProblems(options),
    ...memberProblems(databases.hosts.length, options.allowSingleMember === true),
    ...hostProblems(databases.hosts, proxies?.hosts ?? [], inventory.hosts, options.file),
  ]);

  const plan = planOf(
    options,
    databases.hosts,
    proxies?.hosts ?? [],
    databases.named && databases.hosts.length > 1 ? databases.hosts[0] : undefined,
  );
  refuseIfAny(manifestProblems(plan));
  const hosts = [...new Set([...plan.databases, ...plan.proxies])];
  const scanned = options.scan === undefined ? undefined : await scanKeys(hosts, options.scan);
  const manifestText = formatManifest(plan, (host) => scanned?.keys.get(host) ?? `<host key of ${manifestName(host)}>`);
  return {
    manifestText,
    notes: [
      ...notesOn(options, plan, inventory, among),
      ...(scanned?.notes ?? [
        "Host keys are left open, and the manifest is refused until they are filled in: paste " +
          "/etc/ssh/ssh_host_ed25519_key.pub of each host, or import again with --scan-host-keys.",
      ]),
    ],
  };
}

function ofEnvironment(options: ImportOptions, inventory: Inventory): readonly InventoryHost[] {
  const { env } = options;
  if (env === undefined) {
    return inventory.hosts;
  }
  const refuse = (message: string, wayOut: string) =>
    new InvalidInputError([{ resource: "--env", path: "", message, wayOut }]);
  if (!inventory.hasEnv) {
    throw refuse(`${options.file} has no column ENV`, "leave --env out, or add a header that names the column");
  }
  const among = inventory.hosts.filter((host) => host.env?.toLowerCase() === env.toLowerCase());
  if (among.length === 0) {
    const known = [...new Set(inventory.hosts.map((host) => host.env ?? "").filter((name) => name !== ""))].toSorted();
    const meant = closest(env, known);
    throw refuse(
      `no host of the inventory has the environment ${shown(env)}`,
      meant === undefined ? `there are ${list(known)}` : `did you mean ${meant}?`,
    );
  }
  return among;
}

function planOf(
  options: ImportOptions,
  databases: readonly InventoryHost[],
  proxies: readonly InventoryHost[],
  preferred: InventoryHost | undefined,
): ManifestPlan {
  const owned = (options.databases ?? (options.roles === undefined ? ["app"] : [])).map((entry) => {
    const [name, owner = name] = splitOnce(entry);
    return { name, owner };
  });
  const [mountPath, filesystem] = splitOnce(options.dataVolume ?? DEFAULT_VOLUME);
  const environment = options.env === undefined ? "" : ` (${options.env})`;
  return {
    heading:
      `Made by pgha import from ${JSON.stringify(options.file).slice(1, -1)}${environment}. Read it, ` +
      "compare the host keys, then: pgha plan -f THIS_FILE",
    name: options.name ?? (options.env === undefined ? "pg" : `pg-${options.env.toLowerCase()}`),
    databases,
    proxies,
    preferred,
    sshUser: options.sshUser,
    sshKeySecret: options.sshKeySecret ?? "vm-ssh",
    postgresVersion: options.postgresVersion ?? 17,
    mountPath,
    filesystem,
    clientNetworks: options.clientNetworks ?? [],
    roles: [...new Set([...(options.roles ?? []), ...owned.map(({ owner }) => owner)])],
    owned,
    runtime: options,
    baseline: options.baseline === true,
  };
}

/** At the first colon; what is behind further ones is refused later, with the rest. */
function splitOnce(text: string): readonly [before: string, after: string | undefined] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** What pgha itself would say of the manifest once the host keys are in it. */
function manifestProblems(plan: ManifestPlan): readonly Problem[] {
  return validateParsed(parseDocuments(formatManifest(plan, standInKey), "the manifest to be made")).problems;
}

/** A key of the right form, and another for each host. Nobody has its private half. */
function standInKey(host: InventoryHost): string {
  const type = Buffer.from("\0\0\0\u000bssh-ed25519\0\0\0\u0020", "latin1");
  return formatHostKey({
    type: "ssh-ed25519",
    blob: Buffer.concat([type, createHash("sha256").update(host.name).digest()]),
  });
}

function notesOn(
  options: ImportOptions,
  plan: ManifestPlan,
  inventory: Inventory,
  among: readonly InventoryHost[],
): readonly string[] {
  const alike = (host: InventoryHost): string | undefined =>
    host.cells.has("role") ? `${host.cells.get("role")}/${host.cells.get("subrole") ?? ""}` : undefined;
  const roles = new Set(plan.databases.map(alike));
  const others = among.filter(
    (host) => !plan.databases.includes(host) && alike(host) !== undefined && roles.has(alike(host)),
  );
  return [
    ...(inventory.columns.length === 0
      ? [`${options.file} has no header; host names were taken from column 2 and private addresses from column 3.`]
      : []),
    ...(plan.preferred === undefined
      ? []
      : [
          `${manifestName(plan.preferred)} was named first and has failoverPriority 2: in a failover it ` +
            "goes before replicas with the same data (Patroni 3.2 and later). The first leader is whoever " +
            "starts first, and nobody leads again just because it is back.",
        ]),
    ...(others.length === 0
      ? []
      : [
          `Not part of it, though ${others.length === 1 ? "it has" : "they have"} the same role: ` +
            `${others.map(shownHost).join(", ")}.`,
        ]),
    ...(options.dataVolume === undefined
      ? [
          `The data volume is taken to be ${plan.mountPath} with ${plan.filesystem ?? "any filesystem"}; ` +
            "--data-volume PATH:FILESYSTEM says otherwise. It must be mounted there: pgha never formats.",
        ]
      : []),
    ...(options.roles === undefined && options.databases === undefined
      ? ["A role and a database named app stand in for yours; --roles and --databases name them."]
      : []),
    ...(plan.proxies.length === 0
      ? ["No proxy hosts were named, so clients connect to the members and have to find the leader themselves."]
      : []),
  ];
}

function refuseIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new InvalidInputError(problems);
  }
}
