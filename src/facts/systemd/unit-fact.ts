/** A systemd unit, as `systemctl show` tells it. */
export interface UnitFact {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  /** enabled, disabled, masked, static, "" when unknown. */
  readonly unitFileState: string;
  readonly mainPid: number;
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
   * Whether its program on disk is another than the one that runs; undefined where that was not asked, or none runs.
   */
  readonly isReplaced?: boolean;
  /** Restarts by systemd since the unit was started by hand: a climbing number is a crash loop. */
  readonly restarts: number;
}
