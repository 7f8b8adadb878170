import { isIPv6 } from "node:net";
import { HAPROXY } from "../../desired/services.ts";
import type { ServerState } from "../../facts/haproxy-state.ts";
import type { HAProxyFact } from "../../facts/types.ts";
import type { Blocker, Step } from "../../plan/plan.ts";
import { HAPROXY_BACKENDS } from "../../render/haproxy-cfg.ts";
import { haproxySocketCommand } from "../../render/haproxy-socket.ts";

export interface HeldWish {
  readonly resource: string;
  /** The cluster that it leads to: through a proxy that somebody holds, perhaps nobody comes there. */
  readonly cluster: string;
  readonly host: string;
  readonly socket: string;
  readonly members: readonly { readonly name: string; readonly address: string }[];
  readonly postgresqlPort: number;
}

/**
 * What somebody set at the runtime socket of a HAProxy and no file says: a server in maintenance takes no writes once
 * it leads, one without its check takes them when it does not lead any more. All may look green until the next
 * failover. pgha takes none of it back, since it may be on purpose.
 */
export function heldServers(wish: HeldWish, haproxy: HAProxyFact | undefined): readonly Blocker[] {
  const held = [...serversHeld(haproxy, wish), ...frontendsHeld(haproxy)];
  if (held.length === 0) return [];
  return [
    {
      resource: wish.resource,
      host: wish.host,
      scope: "disruptive",
      outOf: wish.cluster,
      reason: "ProxyHeld",
      why: `somebody changed HAProxy at its socket: ${held.map(({ what }) => what).join(", ")}`,
      wayOut: `When that is over, on ${wish.host} as root: ${haproxySocketCommand(
        wish.socket,
        held.map(({ mend }) => mend),
      )}`,
    },
  ];
}

interface Held {
  readonly what: string;
  readonly mend: string;
}

function serversHeld(haproxy: HAProxyFact | undefined, { members, postgresqlPort }: HeldWish): readonly Held[] {
  const isOurs = (state: ServerState): boolean =>
    state.backend === HAPROXY_BACKENDS.read && state.server === haproxy?.drained;
  return (haproxy?.states ?? []).flatMap((state): readonly Held[] => {
    const member = members.find((candidate) => candidate.name === state.server);
    if (member === undefined) return [];
    const server = `${state.backend}/${state.server}`;
    const ready = `set server ${server} state ready`;
    const moved = movedTo(state, member.address, postgresqlPort);
    return [
      ...(state.maintenance ? [{ what: `${server} is in maintenance`, mend: ready }] : []),
      ...(state.drain && !isOurs(state) ? [{ what: `${server} is drained`, mend: ready }] : []),
      ...(state.checked || state.maintenance
        ? []
        : [{ what: `${server} is not checked any more`, mend: `enable health ${server}` }]),
      ...(state.weightChanged && !state.drain
        ? [{ what: `${server} has another weight`, mend: `set server ${server} weight 100%` }]
        : []),
      ...(moved === undefined
        ? []
        : [
            {
              what: `${server} leads to ${moved}`,
              mend: `set server ${server} addr ${member.address} port ${postgresqlPort}`,
            },
          ]),
    ];
  });
}

/** Where a server leads to, if that is not where it should; a name is resolved by HAProxy and says nothing here. */
function movedTo(
  state: { readonly address: string; readonly port: number },
  address: string,
  port: number,
): string | undefined {
  const isElsewhere = /^[0-9.]+$|:/.test(address) && canonical(state.address) !== canonical(address);
  return state.address !== "-" && (isElsewhere || state.port !== port)
    ? `${state.address} port ${state.port}`
    : undefined;
}

function canonical(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname : address;
}

function frontendsHeld(haproxy: HAProxyFact | undefined): readonly Held[] {
  return (haproxy?.closedFrontends ?? []).map(({ name, status }) => ({
    what: `the frontend ${name} takes no connections (${status})`,
    mend: `enable frontend ${name}`,
  }));
}

/** Before anything else: until then others carry its readers, and the next to be worked on may be the last of them. */
export function returnStep(resource: string, host: string, member: string): Step {
  return {
    id: `${host}/${resource}/readers of ${member}`,
    resource,
    host,
    stage: "services",
    impact: "none",
    mends: true,
    change: { kind: "end-drain", unit: HAPROXY.unit, member },
    because: "planned work that was interrupted left it drained: it serves no readers",
  };
}
