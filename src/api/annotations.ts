import { GROUP } from "./kinds.ts";

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
  /** "true" while deleting: do without the hosts that cannot be reached. */
  forceFinalize: `${GROUP}/force-finalize`,
} as const;

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

/** What a value separated by commas lists, each once. */
export function listIn(value: string | undefined): readonly string[] {
  const words = (value ?? "").split(",").map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}
