/** What HAProxy's runtime has of a server. */
export interface ServerState {
  readonly backend: string;
  readonly server: string;
  /** Set by a person at the socket. */
  readonly maintenance: boolean;
  readonly drain: boolean;
  /** Whether its health check is on. */
  readonly checked: boolean;
  readonly weightChanged: boolean;
  /** "-" while its name is not resolved. */
  readonly address: string;
  readonly port: number;
}

/** Bits of srv_admin_state that a person sets; the others come from the configuration or from name resolution. */
const MAINTENANCE = 1;
const DRAIN = 8;
/** Bit of srv_check_state. */
const CHECK_ENABLED = 4;

/**
 * Reads `show servers state`: what was set at the socket and stands in no file. `show stat` shows a server that was
 * drained while it is down as down (https://docs.haproxy.org/3.0/management.html#9.3-show%20servers%20state).
 */
export function readServerStates(text: string): readonly ServerState[] | undefined {
  const start = text.indexOf("# be_id ");
  if (start < 0) return undefined;
  const [header = "", ...lines] = text.slice(start + 2).split("\n");
  const names = header.trim().split(" ");
  return lines.flatMap((line): readonly ServerState[] => {
    const cells = line.trim().split(" ");
    if (cells.length < names.length) return [];
    const cell = (name: string): string => cells[names.indexOf(name)] ?? "";
    const admin = Number(cell("srv_admin_state"));
    return [
      {
        backend: cell("be_name"),
        server: cell("srv_name"),
        maintenance: (admin & MAINTENANCE) !== 0,
        drain: (admin & DRAIN) !== 0,
        checked: (Number(cell("srv_check_state")) & CHECK_ENABLED) !== 0,
        weightChanged: cell("srv_uweight") !== cell("srv_iweight"),
        address: cell("srv_addr"),
        port: Number(cell("srv_port")),
      },
    ];
  });
}
