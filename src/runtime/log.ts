/** Where the runtime says what it does. Fields never hold secrets. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Beside what each line has. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly [own in "time" | "level" | "message"]?: never;
};

/** One JSON document a line: time, level, message, fields. */
export function jsonLog(write: (line: string) => void, now: () => number): Log {
  const at = (level: string) => (message: string, fields?: LogFields) => {
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields })}\n`);
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** What went wrong, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
