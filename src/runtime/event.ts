import { microTime } from "./micro-time.ts";

/** The object an event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** One thing that happened. Reasons are a closed set that the user of the recorder declares. */
export interface EventToRecord<Reason extends string> {
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly type: "Normal" | "Warning";
  /** Why, in CamelCase. */
  readonly reason: Reason;
  /** What was done or refused, in CamelCase. */
  readonly action: string;
  /** For people; cut at 1024 bytes. */
  readonly note: string;
}

/** Who records. */
export interface EventSource {
  /** A qualified name such as `pgha.keybuzz.io/operator`. */
  readonly reportingController: string;
  /** Which replica, such as the pod's name. */
  readonly reportingInstance: string;
}

/** Limits: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
const LONGEST_NOTE = 1024;
const LONGEST_WORD = 128;

/** Events about the same thing for the same reason in the same words are one. */
export function sameEvent({ regarding, related, type, reason, action, note }: EventToRecord<string>): string {
  const identity = (reference: ObjectReference | undefined): readonly (string | undefined)[] => [
    reference?.kind,
    reference?.namespace,
    reference?.name,
    reference?.uid,
  ];
  return JSON.stringify([identity(regarding), identity(related), type, reason, action, note]);
}

/** Events about objects outside namespaces are kept in `default`. */
export function eventPath({ regarding }: EventToRecord<string>): string {
  return `/apis/events.k8s.io/v1/namespaces/${eventNamespace(regarding)}/events`;
}

export function eventBody(event: EventToRecord<string>, source: EventSource, name: string, firstMs: number): object {
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name, namespace: eventNamespace(event.regarding) },
    eventTime: microTime(firstMs),
    reportingController: source.reportingController,
    reportingInstance: cut(source.reportingInstance, LONGEST_WORD),
    type: event.type,
    reason: cut(event.reason, LONGEST_WORD),
    action: cut(event.action, LONGEST_WORD),
    note: cut(event.note, LONGEST_NOTE),
    regarding: event.regarding,
    ...(event.related === undefined ? {} : { related: event.related }),
  };
}

/** How often it happened by now, and when last. */
export function seriesBody(count: number, lastMs: number): object {
  return { series: { count, lastObservedTime: microTime(lastMs) } };
}

function eventNamespace(regarding: ObjectReference): string {
  return encodeURIComponent(regarding.namespace ?? "default");
}

/** At most so many bytes of UTF-8, never half a character. */
function cut(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return `${bytes
    .subarray(0, most - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "")}\u2026`;
}
