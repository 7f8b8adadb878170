/** Series in promtool's notation: `a+bxn` is a, then b more n times, a step apart; `_` is no sample. */
export type SeriesSet = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly alert: string;
  /** Series with which it fires at `at` and not yet a minute before `for` is over. */
  readonly fires: SeriesSet;
  readonly at: string;
  /** A moment at which it has not been so for long enough. */
  readonly notYet: string;
  /** How far samples and evaluations are apart. Default 1m. */
  readonly step?: string;
  /** Labels of the alert beside alertname and severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** The value as its description writes it. */
  readonly value?: string;
  /** Series with which it must not fire, each with why. */
  readonly quiet: Readonly<Record<string, SeriesSet>>;
}
