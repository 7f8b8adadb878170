/** A systemd unit, as `systemctl show` tells it. */
export interface UnitFact {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  /** enabled, disabled, masked, static, "" when unknown. */
  readonly unitFileState: string;
  /** Of a unit that runs a container, the first process in there. */
  readonly mainPid: number;
  /** Content id of the image that it runs from; undefined where it runs on the host itself, or does not run. */
  readonly image?: string;
  /** True when systemd wants a daemon-reload for it. */
  readonly needsDaemonReload: boolean;
  /** Paths of the drop-ins that systemd read for it. */
  readonly dropIns: readonly string[];
  /** NAME=VALUE, as a process would get it that is started now. */
  readonly environment: readonly string[];
  /** Open files it would be allowed; undefined where systemd does not say. */
  readonly fileLimit?: number;
  /** Open files that its main process may have at most; undefined when none runs, or there is no limit. */
  readonly filesAllowed?: number;
  /** PGHA_UNIT in the environment of its main process; undefined when none runs, or it was started without. */
  readonly startedMark?: string;
  /**
   * Files that its main process was started from, with the digests that they had then. Empty where that was noted of a
   * process before this one, and not of this one; undefined where it never was.
   */
  readonly startedFrom?: Readonly<Record<string, string>>;
  /** Files that its main process has read, at its start or when pgha had it reload, by revision (PathFact). */
  readonly read?: Readonly<Record<string, string>>;
  /**
   * Whether its program on disk is another than the one that runs; undefined where that was not asked, or none runs.
   */
  readonly isReplaced?: boolean;
  /** Restarts by systemd since the unit was started by hand: a climbing number is a crash loop. */
  readonly restarts: number;
}
