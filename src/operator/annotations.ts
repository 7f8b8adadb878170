import { GROUP } from "../api/index.ts";
import type { StoredResource } from "../state/live-resource.ts";

/** What a person may write on a resource beside its spec; docs/operations.md explains each. */
export const ANNOTATIONS = {
  /** "true": look and report, touch nothing. The same as spec.paused. */
  paused: `${GROUP}/paused`,
  /** "true": the same, meant to last: a cluster that is watched but run by somebody else. */
  observeOnly: `${GROUP}/observe-only`,
  /** Any new value: look now. */
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

export const FINALIZER = `${GROUP}/hosts`;

/** Why nothing may be touched, as a condition's reason; undefined when it may. */
export function whyHandsOff(stored: StoredResource): "Paused" | "ObserveOnly" | undefined {
  if (isSet(stored, ANNOTATIONS.paused) || (stored.spec as { readonly paused?: boolean } | undefined)?.paused === true)
    return "Paused";
  return isSet(stored, ANNOTATIONS.observeOnly) ? "ObserveOnly" : undefined;
}

export function mayForceFinalize(stored: StoredResource): boolean {
  return isSet(stored, ANNOTATIONS.forceFinalize);
}

/** Roles for which a new password is asked. */
export function rotationsAsked({ metadata }: StoredResource): readonly string[] {
  const roles = (metadata.annotations?.[ANNOTATIONS.rotatePassword] ?? "").split(",").map((role) => role.trim());
  return [...new Set(roles.filter((role) => role !== ""))];
}

/** What a person approved of one host. */
export interface Approval {
  /** `SHA256:...` of its host key: the machine behind it may be new in all respects. */
  readonly fingerprint?: string;
  readonly machineId?: string;
  readonly volumeUuid?: string;
}

/** Approvals by host name. What is not written as asked approves nothing. */
export function approvals({ metadata }: StoredResource): ReadonlyMap<string, Approval> {
  const found = new Map<string, Approval>();
  for (const entry of (metadata.annotations?.[ANNOTATIONS.acceptHostKey] ?? "").split(",")) {
    const [, host = "", what = ""] = /^([^=]+)=(.+)$/.exec(entry.trim()) ?? [];
    const approval = FORMS.map(({ form, field }) => [field, form.exec(what)?.[1]] as const).find(
      ([, value]) => value !== undefined,
    );
    if (approval !== undefined) found.set(host, { ...found.get(host), [approval[0]]: approval[1] });
  }
  return found;
}

const FORMS = [
  { field: "fingerprint", form: /^(SHA256:[A-Za-z0-9+/]{43})$/ },
  { field: "machineId", form: /^machine:([0-9a-f]{32})$/ },
  { field: "volumeUuid", form: /^volume:([0-9A-Fa-f-]{4,36})$/ },
] as const satisfies readonly { readonly field: keyof Approval; readonly form: RegExp }[];

/** Hosts that a person says are gone for good. */
export function hostsToForget({ metadata }: StoredResource): readonly string[] {
  const words = (metadata.annotations?.[ANNOTATIONS.forgetHost] ?? "").split(",").map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ""))];
}

function isSet({ metadata }: StoredResource, annotation: string): boolean {
  return metadata.annotations?.[annotation] === "true";
}
