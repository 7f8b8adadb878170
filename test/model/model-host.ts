import { HAPROXY, PATRONI, PGBOUNCER } from "../../src/desired/services.ts";
import { createHash } from "node:crypto";
import { load } from "js-yaml";
import type { HostChange } from "../../src/changes/table.ts";
import type { PatroniProof } from "../../src/changes/reload-unit.ts";
import type { NameFact } from "../../src/facts/names.ts";
import type { PathFact, UnitFact } from "../../src/facts/types.ts";

const UNIT_FILES: ReadonlyMap<string, string> = new Map([
  ["patroni.service", PATRONI.unitFile],
  ["pgha-haproxy.service", HAPROXY.unitFile],
  ["pgha-pgbouncer.service", PGBOUNCER.unitFile],
]);

/** A host in a model: what is on its disk and what runs. Changes act on it as they would on a real one. */
export class ModelHost {
  readonly name: string;
  reachable = true;
  readonly packages = new Set<string>();
  readonly files = new Map<string, { content: string; owner: string; group: string; mode: number }>();
  readonly directories = new Map<string, { owner: string; group: string; mode: number }>();
  readonly artifacts = new Map<string, string>();
  readonly masked = new Set<string>();
  readonly enabled = new Set<string>();
  readonly active = new Set<string>();
  /** Unit name to the files as they were when it started or was last told to reload. */
  readonly loaded = new Map<string, ReadonlyMap<string, string>>();
  /** Unit name to the files as they were when it started. */
  readonly startedWith = new Map<string, ReadonlyMap<string, string>>();
  /** Units whose file changed since systemd read it. */
  readonly unread = new Set<string>();
  dataDirectory: "absent" | "empty" | "noise" | "partial" | "valid" = "absent";
  systemId: string | undefined;
  journals: readonly string[] = [];
  /** postgresql.conf as it was when PostgreSQL was started. */
  parametersAtStart: Readonly<Record<string, number | string>> | undefined;
  /** How often PostgreSQL was started: which process it is. */
  starts = 0;
  /** What the control file has of what a standby must have at least. */
  atLeast: Readonly<Record<string, number>> = {};
  /** pg_hba.conf where somebody wrote into it. */
  accessRules: readonly string[] | undefined;
  codename = "trixie";
  /** What is not there of the files that were asked about, and the locales that were generated. */
  absent: readonly string[] = [];
  charsets: Readonly<Record<string, string>> = {};
  /** Settings of PgBouncer that only a restart changes, and what it was started with by other hands. */
  fixedSettings: readonly string[] = ["listen_addr", "listen_port", "unix_socket_dir"];
  runsWith: Readonly<Record<string, string>> = {};
  postgresqlPackage = "17.4-1";
  /** Of every package on it but PostgreSQL. */
  packageVersion = "1.24.1-1";

  /** What names mean there. */
  names: readonly NameFact[] = [];

  constructor(name: string) {
    this.name = name;
  }

  copy(): ModelHost {
    const other = new ModelHost(this.name);
    return Object.assign(other, {
      reachable: this.reachable,
      dataDirectory: this.dataDirectory,
      systemId: this.systemId,
      journals: this.journals,
      parametersAtStart: this.parametersAtStart,
      starts: this.starts,
      atLeast: this.atLeast,
      packageVersion: this.packageVersion,
      postgresqlPackage: this.postgresqlPackage,
      accessRules: this.accessRules,
      codename: this.codename,
      absent: this.absent,
      charsets: this.charsets,
      fixedSettings: this.fixedSettings,
      runsWith: this.runsWith,
      names: this.names,
      packages: new Set(this.packages),
      artifacts: new Map(this.artifacts),
      masked: new Set(this.masked),
      enabled: new Set(this.enabled),
      active: new Set(this.active),
      unread: new Set(this.unread),
      loaded: new Map(this.loaded),
      startedWith: new Map(this.startedWith),
      files: new Map([...this.files].map(([path, file]) => [path, { ...file }])),
      directories: new Map([...this.directories].map(([path, directory]) => [path, { ...directory }])),
    });
  }

  /** Does what the change would do. SQL and the dynamic configuration are the cluster's, see model-world.ts. */
  take(change: HostChange): void {
    switch (change.kind) {
      case "write-file": {
        const { path, content, owner, group, mode } = change.file;
        this.files.set(path, { content, owner, group, mode });
        for (const [unit, file] of UNIT_FILES) if (file === path) this.unread.add(unit);
        break;
      }
      case "make-directory": {
        const { path, owner, group, mode } = change.directory;
        this.directories.set(path, { owner, group, mode });
        if (path.endsWith("/pgdata") && this.dataDirectory === "absent") this.dataDirectory = "empty";
        break;
      }
      case "install-packages":
        for (const name of change.missing) this.packages.add(name);
        for (const unit of change.maskFirst) this.masked.add(unit);
        break;
      case "push-artifact":
        this.artifacts.set(change.artifact.path, change.artifact.sha256);
        break;
      case "arrange-units":
        for (const unit of change.mask) {
          this.masked.add(unit);
          this.enabled.delete(unit);
          this.active.delete(unit);
        }
        for (const unit of change.enable) {
          this.masked.delete(unit);
          this.enabled.add(unit);
        }
        this.unread.clear();
        break;
      case "reload-unit":
        // Patroni and HAProxy load their files a while after they were told: who does not wait for it looks too early.
        if (change.proof !== undefined || change.unit === "pgha-pgbouncer.service") this.#load(change.unit);
        if (change.proof?.kind === "patroni") this.#assertShows(change.proof);
        break;
      case "start-unit":
      case "restart-unit":
        this.active.add(change.unit);
        this.unread.clear();
        this.#load(change.unit);
        if (change.unit === "patroni.service") this.parametersAtStart = undefined;
        this.startedWith.set(change.unit, this.loaded.get(change.unit) ?? new Map());
        break;
      case "restart-member":
        if (this.postmaster !== change.postmaster) break;
        this.parametersAtStart = undefined;
        if (change.unit === undefined) break;
        this.unread.clear();
        this.#load(change.unit);
        this.startedWith.set(change.unit, this.loaded.get(change.unit) ?? new Map());
        break;
      case "restore-hba":
        this.accessRules = undefined;
        break;
      default:
        throw new TypeError(`${change.kind} is not a host's own`);
    }
  }

  get postmaster(): string {
    return `${this.starts} 1700000000`;
  }

  #load(unit: string): void {
    if (unit === "patroni.service") this.accessRules = undefined;
    this.loaded.set(unit, new Map([...this.files].map(([path, file]) => [path, file.content])));
  }

  /** What is waited for must be what a look goes by, or the wait ends too early or never. */
  #assertShows({ tag, value }: PatroniProof): void {
    if (this.patroniTags()[tag] !== value) throw new TypeError(`${this.name} never shows ${tag} ${value}`);
  }

  /** As GET /patroni shows them. */
  patroniTags(): Readonly<Record<string, unknown>> {
    const file = this.active.has("patroni.service")
      ? this.loaded.get("patroni.service")?.get("/etc/patroni/config.yml")
      : undefined;
    return file === undefined ? {} : (load(file) as { readonly tags: Readonly<Record<string, unknown>> }).tags;
  }

  path(path: string): PathFact {
    const file = this.files.get(path);
    if (file !== undefined)
      return {
        kind: "file",
        sha256: createHash("sha256").update(file.content).digest("hex"),
        owner: file.owner,
        group: file.group,
        mode: file.mode,
        own: /^(?:#!.*\n)?# Written by pgha/.test(file.content),
      };
    const directory = this.directories.get(path);
    return directory === undefined ? { kind: "absent" } : { kind: "directory", ...directory };
  }

  unit(name: string): UnitFact {
    const isActive = this.active.has(name);
    return {
      loadState: "loaded",
      activeState: isActive ? "active" : "inactive",
      subState: isActive ? "running" : "dead",
      unitFileState: this.masked.has(name) ? "masked" : this.enabled.has(name) ? "enabled" : "disabled",
      mainPid: isActive ? 1 : 0,
      needsDaemonReload: this.unread.has(name),
      restarts: 0,
      dropIns: [],
      environment: [],
      ...this.#startedMark(name),
    };
  }

  #startedMark(name: string): { readonly startedMark?: string } {
    if (!this.active.has(name)) return {};
    const file = this.startedWith.get(name)?.get(UNIT_FILES.get(name) ?? "") ?? "";
    const startedMark = /^Environment=PGHA_UNIT=(\w+)$/m.exec(file)?.[1];
    return startedMark === undefined ? {} : { startedMark };
  }

  /** What a pattern finds in a file as the unit loaded it. */
  loadedMatch(unit: string, path: string, pattern: RegExp): string | undefined {
    return this.active.has(unit) ? pattern.exec(this.loaded.get(unit)?.get(path) ?? "")?.[1] : undefined;
  }
}
