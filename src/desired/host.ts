/**
 * What one host should carry, whatever the kind of resource: packages, directories, files, units.
 * Pure data, made by each reconciler's `desire`; src/plan/host.ts compares it with the facts.
 */
export interface DesiredHost {
  readonly host: string;
  readonly packages: DesiredPackages;
  readonly artifacts: readonly DesiredArtifact[];
  readonly directories: readonly DesiredDirectory[];
  readonly files: readonly DesiredFile[];
  readonly units: readonly DesiredUnit[];
}

export interface DesiredPackages {
  /** Debian package names that must be installed, in any version. */
  readonly names: readonly string[];
  /**
   * Package name to the units it would start or leave enabled. They are masked before the package is installed for
   * the first time; where it is there already, the unit is somebody's and stays as it is (F37, F53).
   */
  readonly services: Readonly<Record<string, readonly string[]>>;
  /** Where PostgreSQL comes from; pgdg adds the PGDG repository with its key checked. */
  readonly source: "distribution" | "pgdg";
}

/** A directory tree of our own, pushed as a tar.gz and checked on the host by its digest. */
export interface DesiredArtifact {
  readonly name: string;
  /** Where it is unpacked, in /opt/pgha. */
  readonly path: string;
  readonly tarGz: Uint8Array;
  readonly sha256: string;
}

export interface DesiredDirectory {
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  /** While this unit runs, it makes the directory and takes it away as it needs it. */
  readonly keptBy?: string;
}

export interface DesiredFile {
  readonly path: string;
  readonly content: string;
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  /** Its content is never printed, not even as a diff. */
  readonly secret: boolean;
  /** The program's own checker, run on the new content before it goes live. */
  readonly validate?: "haproxy" | "pgbouncer";
  /** Written before packages are installed (it steers what their scripts do). */
  readonly beforePackages?: boolean;
  /** Where somebody else's file stands in its place, that one stays, and a warning says so. */
  readonly yields?: boolean;
}

export interface DesiredUnit {
  readonly name: string;
  readonly state: "running" | "masked";
  /** What a person calls it, e.g. "Patroni". */
  readonly title: string;
  /** Left out of units that are not of pgha's making. */
  readonly service?: DesiredService;
}

/** What a service that pgha runs must have been started from. */
export interface DesiredService {
  /** Path of the unit file or drop-in that pgha writes. */
  readonly file: string;
  /** What PGHA_UNIT is in the environment of a process that was started from that file. */
  readonly startedMark: string;
  /** The program, where the process runs it itself and no interpreter does. */
  readonly program?: string;
  /** NAME=VALUE that the unit's environment must have, whatever other drop-ins add. */
  readonly environment: readonly string[];
  /** Open files that its unit asks for. */
  readonly fileLimit?: number;
  /** Clients that it may have at a time, and the field that says so. */
  readonly clients?: { readonly field: string; readonly most: number };
}
