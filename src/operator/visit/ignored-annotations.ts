import type { Condition } from "../../api/index.ts";
import { ignoredAnnotations, loginsOf } from "../../api/rules/annotations.ts";
import type { Kind } from "../../api/index.ts";
import type { LiveResource, StoredResource, StoredStatus } from "../../state/live-resource.ts";
import { judged } from "../resources/judged.ts";
import { inNamespace } from "../resources/known-resources.ts";
import { KINDS } from "../resources/resource-types.ts";
import type { Hindrance } from "./memory.ts";
import type { VisitParts } from "./parts.ts";

type Parts = Pick<VisitParts, "known" | "clock">;

/** What somebody wrote beside the spec and nothing comes of, whatever else is to be said of the resource. */
export function ignoredHindrances(stored: StoredResource, parts: Parts): readonly Hindrance[] {
  return ignoredIn(stored, parts).map((note) => ({ reason: "AnnotationIgnored", action: "Warn", note }));
}

/** The same resource, whose every status says which annotations nothing comes of. */
export function sayingIgnored(live: LiveResource, parts: Parts): LiveResource {
  return {
    ...live,
    writeStatus: (status) => live.writeStatus(withIgnored(status, ignoredIn(live.current(), parts).join("; "))),
  };
}

/** In the condition that says whether what was written is valid. */
function withIgnored(status: StoredStatus, text: string): StoredStatus {
  if (text === "" || status.conditions === undefined) return status;
  const said = (condition: Condition): Condition =>
    condition.type !== "SpecValid" || condition.message.endsWith(text)
      ? condition
      : condition.status === "True"
        ? { ...condition, reason: "AnnotationIgnored", message: text }
        : { ...condition, message: `${condition.message}\n${text}` };
  return { ...status, conditions: status.conditions.map(said) };
}

function ignoredIn(stored: StoredResource, { known, clock }: Parts): readonly string[] {
  const { namespace = "", annotations = {}, labels = {} } = stored.metadata;
  return ignoredAnnotations({
    kind: stored.kind as Kind,
    annotations,
    labels,
    // One command approves a host on all resources of a namespace.
    hosts: () => [
      ...new Set([stored, ...KINDS.flatMap((kind) => inNamespace(known, kind, namespace))].flatMap(hostNames)),
    ],
    roles: () => {
      const verdict = judged(stored);
      return verdict.sound && verdict.resource.kind === "PostgresHACluster" ? loginsOf(verdict.resource) : undefined;
    },
    nowMs: clock.now(),
  }).map(({ name, message, wayOut }) => `${name} ${message}; ${wayOut}`);
}

function hostNames({ spec, status }: StoredResource): readonly string[] {
  const { hosts } = (spec ?? {}) as { readonly hosts?: unknown };
  const listed = Array.isArray(hosts) ? (hosts as readonly ({ readonly name?: unknown } | null)[]) : [];
  return [...listed, ...(status?.hosts ?? [])].flatMap((host) => (typeof host?.name === "string" ? [host.name] : []));
}
