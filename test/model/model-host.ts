import type { HostChange } from "../../src/changes/table.ts";
import type { PatroniProof } from "../../src/changes/reload-unit.ts";
import type { NameFact } from "../../src/facts/names.ts";
import type { UnitFact } from "../../src/facts/types.ts";
import { ModelBase, takeOnBase } from "./model-base.ts";
import { takeOnImages } from "./model-image.ts";
import { leaveFormer } from "./model-former.ts";
import type { ModelFormer } from "./model-former.ts";
import { give, isGiven, leavesPlace, mayRead, moveOn, removeData } from "./model-move.ts";
import { ModelNotes } from "./model-notes.ts";
import type { ModelFile } from "./model-notes.ts";
import { readYaml } from "./read-once.ts";
import { CONFIGURATIONS, HAPROXY, marksOf, ModelStepError, PATRONI, PGBOUNCER, UNIT_FILES } from "./model-units.ts";
import { ModelUpgrades, unitsOf } from "./model-upgrades.ts";
import type { Check } from "./model-units.ts";

let revisions = 0;

/** A host in a model: what is on its disk and what runs. Changes act on it as they would on a real one. */
export class ModelHost {
  readonly name: string;
  reachable = true;
  readonly packages = new Set<string>();
  readonly files = new Map<string, ModelFile>();
  readonly directories = new Map<string, { owner: string; group: string; mode: number }>();
  readonly artifacts = new Map<string, string>();
  readonly masked = new Set<string>();
  readonly enabled = new Set<string>();
  readonly active = new Set<string>();
  /** Unit name to the files as they were when it started or was last told to reload. */
  readonly loaded = new Map<string, ReadonlyMap<string, string>>();
  /** Unit name to the files as they were when it started. */
  readonly startedWith = new Map<string, ReadonlyMap<string, string>>();
  readonly notes = new ModelNotes();
  /** Units whose file changed since systemd read it. */
  readonly unread = new Set<string>();
  readonly base = new ModelBase();
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
  readonly upgrades = new ModelUpgrades();
  postgresqlPackage = "17.4-1";
  /** Of every package on it but PostgreSQL. */
  packageVersion = "1.24.1-1";
  /** What names mean there. */
  names: readonly NameFact[] = [];
  /** Whether the machine has power, and whether its network leads anywhere. */
  powered = true;
  isolated = false;
  /** What its PostgreSQL is, once Patroni's loop said so. */
  role: "primary" | "replica" | undefined;
  /** Between the end of one PostgreSQL and the start of the next, its Patroni being up. */
  restarting = false;
  /** Its PostgreSQL does not start: pg_rewind failed, its log is full of it. */
  broken = false;
  /** What it holds left the leader's history, and it runs all the same. */
  diverged = false;
  /** Which copy of the data it is. */
  copies = 0;
  timeline = 0;
  /** How much was written to it: what a replica has less of than its leader, a failover may lose. */
  position = 0;
  /** When its Patroni's loop comes round next, when it last talked with its DCS, and what it read there. */
  loopsAt = 0;
  dcsSeenAt = 0;
  configuration: Readonly<Record<string, unknown>> = {};
  /** Member to how HAProxy's checks of it went, and members that somebody put into maintenance at its socket. */
  checks: ReadonlyMap<string, Check> = new Map();
  maintained: ReadonlySet<string> = new Set();
  /** Members that its HAProxy sends no new readers to: somebody's own, and the one that pgha works on. */
  drainedByHand: ReadonlySet<string> = new Set();
  drained: { readonly member: string; readonly until?: number } | undefined;
  /** Who stopped PgBouncer at its console; of a pause of pgha's, until when it lasts by itself. */
  paused: { readonly by: "a person" | "pgha"; readonly until?: number } | undefined;
  former: ModelFormer | undefined;
  /** Units whose program on disk is newer than the one that runs. */
  replaced: ReadonlySet<string> = new Set();

  constructor(name: string) {
    this.name = name;
  }

  copy(): ModelHost {
    return Object.assign(new ModelHost(this.name), this, {
      base: this.base.copy(),
      packages: new Set(this.packages),
      upgrades: this.upgrades.copy(),
      artifacts: new Map(this.artifacts),
      masked: new Set(this.masked),
      enabled: new Set(this.enabled),
      active: new Set(this.active),
      unread: new Set(this.unread),
      loaded: new Map(this.loaded),
      startedWith: new Map(this.startedWith),
      notes: this.notes.copy(),
      files: new Map([...this.files].map(([path, file]) => [path, { ...file }])),
      directories: new Map([...this.directories].map(([path, directory]) => [path, { ...directory }])),
    });
  }

  /** What a change does before it is over: what it takes out of service meanwhile. */
  begin(change: HostChange): void {
    if (!this.powered) throw new ModelStepError(`${this.name} is off`);
    if (change.kind === "restart-unit" && change.former === undefined) this.#down(change.unit);
    if (change.kind === "move-member" && leavesPlace(this, change)) this.#down(change.unit);
    if (change.kind !== "restart-member" || this.postmaster !== change.postmaster) return;
    this.#upgrade(change.upgrades ?? []);
    // With its Patroni goes its vote.
    if (change.unit === undefined) this.restarting = true;
    else this.#down(change.unit);
  }

  /** Does what the change would do. SQL and the dynamic configuration are the cluster's, see model-world.ts. */
  take(change: HostChange): void {
    switch (change.kind) {
      case "write-file": {
        const { path, content, owner, group, mode, readOnce } = change.file;
        const before = this.files.get(path);
        this.write(path, { content, owner, group, mode });
        if (readOnce !== undefined) this.notes.keep(readOnce.unit, path, before, this.files);
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
      case "upgrade-packages":
        this.#upgrade(change.upgrades);
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
        this.notes.read(change.unit, this.files, change.reads);
        // HAProxy's reload starts its program anew, and takes over what was set at its socket.
        if (change.unit === HAPROXY) this.replaced = new Set([...this.replaced].filter((unit) => unit !== HAPROXY));
        break;
      case "start-unit":
        this.unread.clear();
        if (!this.active.has(change.unit)) this.#up(change.unit);
        break;
      case "restart-unit":
        this.unread.clear();
        if (change.former !== undefined) leaveFormer(this, change.former);
        this.#down(change.unit);
        this.#up(change.unit);
        break;
      case "restart-member":
        this.restarting = false;
        if (change.unit !== undefined && !this.active.has(change.unit)) {
          this.unread.clear();
          this.#up(change.unit);
        } else if (this.postmaster === change.postmaster) this.parametersAtStart = undefined;
        this.upgrades.restarted(change.unit !== undefined);
        break;
      case "move-member":
        if (this.active.has(change.unit)) break;
        moveOn(this, change);
        this.#up(change.unit);
        break;
      case "own-data":
        if (isGiven(this, change.data)) break;
        if (this.active.has(change.unit)) throw new ModelStepError(`${change.unit} runs on ${this.name}`);
        give(this, change.data);
        break;
      case "reinit-member":
        break;
      case "stop-unit":
        if (change.unit === PGBOUNCER) this.former = undefined;
        this.#down(change.unit);
        this.enabled.delete(change.unit);
        break;
      case "remove-data":
        removeData(this, change.data);
        break;
      case "remove-own-files":
        for (const path of this.files.keys())
          if (change.files.includes(path) || change.trees.some((tree) => path.startsWith(`${tree}/`)))
            this.files.delete(path);
        for (const tree of change.trees) {
          this.artifacts.delete(tree);
          this.directories.delete(tree);
        }
        break;
      case "restore-hba":
        this.accessRules = undefined;
        break;
      default:
        if (!takeOnBase(this, change) && !takeOnImages(this, change))
          throw new TypeError(`${change.kind} is not a host's own`);
    }
  }

  /** All that a power cut takes. */
  crash(): void {
    for (const unit of this.active) this.#down(unit);
    this.powered = false;
    this.reachable = false;
  }

  /** What is enabled comes back, with what lies on the disk. */
  boot(): void {
    if (this.powered) return;
    this.powered = true;
    this.reachable = !this.isolated;
    this.unread.clear();
    for (const unit of this.enabled) if (!this.masked.has(unit)) this.#up(unit);
  }

  /** Its Patroni is killed, and PostgreSQL with it; systemd starts it again where `comesBack`. */
  kill(unit: string, comesBack: boolean): void {
    if (!this.active.has(unit)) return;
    this.#down(unit);
    if (comesBack) this.#up(unit);
  }

  /** A file as it is after somebody wrote it, with whatever text. */
  write(path: string, file: Omit<ModelFile, "revision">): void {
    this.files.set(path, { ...file, revision: (revisions += 1) });
  }

  #upgrade(upgrades: readonly { readonly name: string }[]): void {
    this.upgrades.install(upgrades, this.active.has(PATRONI));
    this.replaced = new Set([...this.replaced, ...unitsOf(upgrades).filter((unit) => this.active.has(unit))]);
  }

  signal(unit: string): void {
    if (this.active.has(unit)) this.#load(unit);
  }

  #down(unit: string): void {
    this.active.delete(unit);
    this.replaced = new Set([...this.replaced].filter((other) => other !== unit));
    if (unit === PATRONI) {
      this.upgrades.restarted(true);
      this.role = undefined;
      this.restarting = false;
      this.parametersAtStart = undefined;
    }
    if (unit === PGBOUNCER) this.paused = undefined;
    if (unit === HAPROXY) {
      this.checks = new Map();
      this.maintained = new Set();
      this.drainedByHand = new Set();
      this.drained = undefined;
    }
  }

  #up(unit: string): void {
    if (!this.files.has(CONFIGURATIONS.get(unit) ?? "")) return;
    if (unit === PATRONI && !mayRead(this)) return;
    this.active.add(unit);
    this.#load(unit);
    this.startedWith.set(unit, this.loaded.get(unit) ?? new Map());
    this.notes.started(unit, this.files, this.artifacts);
    // Its first round comes at once.
    if (unit === PATRONI) {
      this.loopsAt = 0;
      this.parametersAtStart = undefined;
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
    return file === undefined ? {} : (readYaml(file) as { readonly tags: Readonly<Record<string, unknown>> }).tags;
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
      ...(this.replaced.has(name) ? { isReplaced: true } : {}),
      restarts: 0,
      dropIns: [],
      environment: [],
      ...this.#startedMark(name),
      ...(isActive ? this.upgrades.noted(name, this.notes.of(name)) : {}),
    };
  }

  #startedMark(name: string): Pick<UnitFact, "startedMark" | "image"> {
    if (!this.active.has(name)) return {};
    return marksOf(name, this.startedWith.get(name) ?? new Map());
  }

  /** What a pattern finds in a file as the unit loaded it. */
  loadedMatch(unit: string, path: string, pattern: RegExp): string | undefined {
    return this.active.has(unit) ? pattern.exec(this.loaded.get(unit)?.get(path) ?? "")?.[1] : undefined;
  }
}
