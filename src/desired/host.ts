import type { DesiredContainer } from "./container.ts";
import type { Service } from "./services.ts";

/**
 * What one host should carry, whatever the kind of resource: packages, directories, files, units.
 * Pure data, made by each reconciler's `desire`; src/plan/host.ts compares it with the facts.
 */
export interface DesiredHost {
  readonly host: string;
  readonly packages: DesiredPackages;
  /** Packages of which newer versions are looked for, and whether they are to be installed. */
  readonly upgrades?: { readonly names: readonly string[]; readonly isAutomatic: boolean };
  readonly artifacts: readonly DesiredArtifact[];
  readonly directories: readonly DesiredDirectory[];
  readonly files: readonly DesiredFile[];
  readonly services: readonly DesiredService[];
  /** Units that must never start beside these. */
  readonly masked: readonly MaskedUnit[];
}

export interface DesiredPackages {
  /** Debian package names that must be installed. */
  readonly names: readonly string[];
  /** Those of them that are had in one version and no other. */
  readonly versions?: Readonly<Record<string, string>>;
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
  /** By name; a user of a container's by number. */
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  /** Its content is never printed, not even as a diff. */
  readonly secret: boolean;
  /** The program's own checker, run on the new content before it goes live. */
  readonly validate?: "haproxy" | "pgbouncer";
  /** In which container that program is; left out, it is installed on the host. */
  readonly container?: DesiredContainer;
  /** A section that the unit's process never reads again once there is data: a change of that alone is none to it. */
  readonly readOnce?: { readonly section: string; readonly unit: string };
  /** Written before packages are installed (it steers what their scripts do). */
  readonly beforePackages?: boolean;
  /** Where somebody else's file stands in its place, that one stays, and a warning says so. */
  readonly yields?: boolean;
}

/** A unit of other hands that stays out of the way. */
export interface MaskedUnit {
  readonly unit: string;
  /** What a person calls it. */
  readonly title: string;
}

/** A service as this host is to run it. */
export interface DesiredService {
  readonly of: Service;
  /** What the running process shows once it has loaded this configuration. */
  readonly loadedMark: string;
  /** Content id of the image that it is to run from; left out, it runs on the host itself. */
  readonly image?: string;
  /** What PGHA_UNIT is in the environment of a process that was started from this unit. */
  readonly startedMark: string;
  /** Files that a new process of it alone reads, with the digests that they had when a right one was started. */
  readonly startedFrom: Readonly<Record<string, string>>;
  /** NAME=VALUE that the unit's environment must have, whatever other drop-ins add. */
  readonly environment: readonly string[];
  /** Open files that its unit asks for. */
  readonly fileLimit?: number;
  /** Clients that it may have at a time, and the field that says so. */
  readonly clients?: { readonly field: string; readonly most: number };
}
