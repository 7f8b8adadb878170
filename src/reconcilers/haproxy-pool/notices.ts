import { HAPROXY } from "../../desired/services.ts";
import { isIP } from "node:net";
import { NOTICES } from "../../plan/notices.ts";
import type { Notice } from "../../plan/notices.ts";
import { hostPort } from "../../render/address.ts";
import { readTimes } from "../../render/haproxy-times.ts";
import type { DesiredProxy } from "./desire.ts";
import type { HAProxyFacts } from "./observe.ts";

/** Whom the wanted configuration serves no more, though the running one does. A reload itself keeps every session. */
export function proxyNotices(
  { listens, maxConnections, service }: DesiredProxy,
  { listeners, haproxy }: Pick<HAProxyFacts, "listeners" | "haproxy">,
): readonly Notice[] {
  const left = placesLeft(listens, listeners);
  const before = haproxy?.maxConnections;
  return [
    ...(left.length === 0 ? [] : [NOTICES.placesLeft(left)]),
    ...(before === undefined || before <= maxConnections
      ? []
      : [NOTICES.connectionsFewer(String(maxConnections), String(before))]),
    ...timesChanged(service.loadedMark, haproxy?.description ?? ""),
  ];
}

/** Only for the worse. */
function timesChanged(wanted: string, running: string): readonly Notice[] {
  const [now, until] = [readTimes(wanted), readTimes(running)];
  if (now === undefined || until === undefined) return [];
  const silence = Math.min(now.clientSeconds, now.serverSeconds);
  return [
    ...(silence < Math.min(until.clientSeconds, until.serverSeconds)
      ? [NOTICES.cutAfter("new sessions through this HAProxy are cut that are silent", `${silence} s`)]
      : []),
    ...(now.connectSeconds < until.connectSeconds
      ? [NOTICES.cutAfter("clients are turned away where a server lets them wait", `${now.connectSeconds} s`)]
      : []),
    ...(now.lostMilliseconds > until.lostMilliseconds
      ? [NOTICES.lostLater(`${now.lostMilliseconds / 1000} s`, `${until.lostMilliseconds / 1000} s`)]
      : []),
  ];
}

/** Of a name one does not know where it leads. */
function placesLeft(listens: DesiredProxy["listens"], listeners: HAProxyFacts["listeners"]): readonly string[] {
  const wanted = new Set(listens.map(({ address, port }) => hostPort(address, port)));
  const anywhere = (address: string): boolean => isIP(address) === 0 || address === "0.0.0.0" || address === "::";
  const open = new Set(listens.filter(({ address }) => anywhere(address)).map(({ port }) => port));
  return listeners
    .filter(({ unit, address, port }) => unit === HAPROXY.unit && address !== "127.0.0.1" && !open.has(port))
    .map(({ address, port }) => hostPort(address, port))
    .filter((place) => !wanted.has(place));
}
