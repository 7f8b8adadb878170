import { GROUP } from "./kinds.ts";
import { closest } from "./suggest.ts";

/** What a person may write on a resource beside its spec; docs/operator.md explains each. */
export const ANNOTATIONS = {
  /** "true": look and report, touch nothing. The same as spec.paused. */
  paused: `${GROUP}/paused`,
  /** "true": the same, meant to last: a cluster that is watched but run by somebody else. */
  observeOnly: `${GROUP}/observe-only`,
  /** Any new value, such as the time: look now. */
  reconcileAt: `${GROUP}/reconcile-at`,
  /**
   * `host=SHA256:...`, several separated by commas: host keys that were compared; the machines behind them may be new.
   * `host=machine:ID` and `host=volume:UUID` approve one thing of a host whose key is the old one.
   */
  acceptHostKey: `${GROUP}/accept-host-key`,
  /** Roles, separated by commas, that get a new password, once each: they are taken out of it when they have it. */
  rotatePassword: `${GROUP}/rotate-password`,
  /** Names of hosts, separated by commas, that left the list and are gone for good. Taken off once it is done. */
  forgetHost: `${GROUP}/forget-host`,
  /** Any new text, such as the time: each member restarts once. `pending-` before it: only those that wait for it. */
  restartAt: `${GROUP}/restart-at`,
  /**
   * HOST, or `any`: that member leads, once. To ask for the same again: `HOST@` and any new text, such as the time.
   */
  switchoverTo: `${GROUP}/switchover-to`,
  /** "true" on a cluster: what clients notice does not wait for a maintenance window. */
  outsideWindows: `${GROUP}/outside-windows`,
  /** "true" while deleting: do without the hosts that cannot be reached. */
  forceFinalize: `${GROUP}/force-finalize`,
} as const;

/** Why nothing of a resource may be touched, as a condition's reason; undefined when it may. */
export function whyHandsOff({ metadata, spec }: Pausable): "Paused" | "ObserveOnly" | undefined {
  const isSet = (annotation: string): boolean => metadata.annotations?.[annotation] === "true";
  if (isSet(ANNOTATIONS.paused) || (spec as { readonly paused?: boolean } | undefined)?.paused === true)
    return "Paused";
  return isSet(ANNOTATIONS.observeOnly) ? "ObserveOnly" : undefined;
}

interface Pausable {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

/** What a person approved of one host. */
export interface Approval {
  /** `SHA256:...` of its host key: the machine behind it may be new in all respects. */
  readonly fingerprint?: string;
  readonly machineId?: string;
  readonly volumeUuid?: string;
}

/** One entry of accept-host-key; undefined when it is not written as asked. */
export function approvalIn(entry: string): { readonly host: string; readonly approval: Approval } | undefined {
  const [, host = "", what = ""] = /^([^=\s]+)=(.+)$/.exec(entry.trim()) ?? [];
  for (const { field, form } of FORMS) {
    const [, value] = form.exec(what) ?? [];
    if (value !== undefined) return { host, approval: { [field]: value } };
  }
  return undefined;
}

const FORMS = [
  { field: "fingerprint", form: /^(SHA256:[A-Za-z0-9+/]{43})$/ },
  { field: "machineId", form: /^machine:([0-9a-f]{32})$/ },
  { field: "volumeUuid", form: /^volume:([0-9A-Fa-f-]{4,36})$/ },
] as const satisfies readonly { readonly field: keyof Approval; readonly form: RegExp }[];

/** What a value of restart-at asks for. */
export interface RestartAsked {
  /** Only members for which something waits. */
  readonly pendingOnly: boolean;
  /** When it was written, or is meant for, in milliseconds since the epoch; undefined for a text that is no time. */
  readonly timeMs: number | undefined;
}

/** Undefined for a value that asks for nothing: an empty one, or a word that is nearly `pending`. */
export function restartIn(value: string): RestartAsked | undefined {
  const [, word = "", rest = ""] = /^([A-Za-z]*)[-:@\s]*(.*)$/.exec(value.trim()) ?? [];
  const pendingOnly = word.toLowerCase() === "pending";
  if (value.trim() === "" || (!pendingOnly && closest(word.toLowerCase(), ["pending"]) !== undefined)) return undefined;
  return { pendingOnly, timeMs: timeIn(pendingOnly ? rest : value.trim()) };
}

/** What a value of switchover-to asks for. */
export interface SwitchoverAsked {
  /** Undefined: any that may. */
  readonly to: string | undefined;
  /** When it was written, in milliseconds since the epoch; undefined where that is not said. */
  readonly timeMs: number | undefined;
}

/** Undefined for a value that names nobody. */
export function switchoverIn(value: string): SwitchoverAsked | undefined {
  const [, host = "", rest = ""] = /^([^@\s]+)(?:@(.*))?$/.exec(value.trim()) ?? [];
  if (host === "") return undefined;
  return { to: host === ANY_MEMBER ? undefined : host, timeMs: timeIn(rest) };
}

const ANY_MEMBER = "any";

/**
 * Seconds, milliseconds or nanoseconds since the epoch, or a date with its year. A small number is one that somebody
 * counts.
 */
export function timeIn(text: string): number | undefined {
  if (/^\d+$/.test(text))
    return text.length < 10 ? undefined : Number(text.slice(0, 13)) * (text.length > 11 ? 1 : 1000);
  const time = Date.parse(text);
  return Number.isNaN(time) || !/\b\d{4}\b/.test(text) ? undefined : time;
}

/** What a value separated by commas lists, each once. */
export function listIn(value: string | undefined): readonly string[] {
  const words = (value ?? "").split(",").map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}
