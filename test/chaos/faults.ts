import type { Lab } from "../lab/lab.ts";

/** Something that breaks on a host, and for how many seconds, at least and at most; without an end it is over at once. */
export interface Fault {
  readonly on: readonly ("member" | "proxy")[];
  readonly seconds: readonly [number, number];
  readonly begin: (lab: Lab, host: string, peer: string) => Promise<unknown>;
  readonly end?: (lab: Lab, host: string, peer: string) => Promise<unknown>;
}

const AT_ONCE = [0, 0] as const;
const BOTH = ["member", "proxy"] as const;

function script(on: Fault["on"], text: string): Fault {
  return { on, seconds: AT_ONCE, begin: async (lab, host) => lab.exec(host, text) };
}

/** A line at the end of a file that pgha wrote, and a value in it that is another one; then somebody has it read. */
function byHand(on: "member" | "proxy", file: string, expression: string, then = "true"): Fault {
  return script([on], `sed -i '${expression}' ${file} && echo '# by hand' >>${file} && ${then}`);
}

const YML = "/etc/patroni/config.yml";
const CFG = "/etc/pgha/haproxy/haproxy.cfg";
const INI = "/etc/pgha/pgbouncer/pgbouncer.ini";
const DATA = "/opt/keybuzz/postgres/data";
const MAXCONN = "0,/maxconn .*/s//maxconn 777/";
const SIZE = "s/^default_pool_size = .*/default_pool_size = 3/";
const TAGS = "s/^tags:/tags:\\n  by_hand: true/";

function fills(on: "member" | "proxy", folder: string): Fault {
  return {
    on: [on],
    seconds: [3, 8],
    begin: async (lab, host) =>
      lab.exec(
        host,
        `n=$(($(stat -f -c '%a * %S' ${folder}) - 65536)); [ "$n" -le 0 ] || fallocate -l "$n" ${folder}/full; ` +
          `dd if=/dev/zero of=${folder}/fuller bs=4096 2>/dev/null; true`,
      ),
    end: async (lab, host) => lab.exec(host, `rm -f ${folder}/full ${folder}/fuller`),
  };
}

/** What breaks in a campaign, by what people would say of it. */
export const FAULTS = {
  "PostgreSQL is killed": script(["member"], `kill -9 $(head -n 1 ${DATA}/pgdata/postmaster.pid)`),
  "Patroni is killed": script(["member"], "systemctl kill --kill-whom=main --signal=KILL patroni"),
  "Patroni and PostgreSQL are killed": script(["member"], "systemctl kill --kill-whom=all --signal=KILL patroni"),
  "PgBouncer is killed": script(["proxy"], "systemctl kill --kill-whom=all --signal=KILL pgha-pgbouncer"),
  "HAProxy is killed": script(["proxy"], "systemctl kill --kill-whom=all --signal=KILL pgha-haproxy"),
  "HAProxy's worker is killed": script(
    ["proxy"],
    "pkill -KILL -P $(systemctl show -P MainPID pgha-haproxy) haproxy; true",
  ),
  "loses power": {
    on: BOTH,
    seconds: [4, 20],
    begin: async (lab, host) => lab.crash(host),
    end: async (lab, host) => lab.boot(host),
  },
  "is rebooted": { on: BOTH, seconds: AT_ONCE, begin: async (lab, host) => lab.reboot(host) },
  "is cut off": {
    on: BOTH,
    seconds: [3, 30],
    begin: async (lab, host) => lab.cut(host),
    end: async (lab, host) => lab.heal(host),
  },
  "does not hear another": {
    on: BOTH,
    seconds: [3, 25],
    begin: async (lab, host, peer) => lab.partition(host, peer),
    end: async (lab, host, peer) => lab.unpartition(host, peer),
  },
  "stands still": {
    on: BOTH,
    seconds: [2, 15],
    begin: async (lab, host) => lab.freeze(host),
    end: async (lab, host) => lab.thaw(host),
  },
  "has no room for data": fills("member", DATA),
  "has no room on its root": fills("proxy", "/."),
  "lets nobody log in": {
    on: BOTH,
    seconds: [3, 20],
    begin: async (lab, host) => lab.exec(host, "systemctl stop ssh.socket ssh.service; pkill sshd; true"),
    end: async (lab, host) => lab.exec(host, "systemctl start ssh.service"),
  },
  "has patroni.yml edited": byHand("member", YML, TAGS),
  "has patroni.yml edited and read": byHand("member", YML, TAGS, "systemctl reload patroni"),
  "has haproxy.cfg edited": byHand("proxy", CFG, MAXCONN),
  "has haproxy.cfg edited and read": byHand("proxy", CFG, MAXCONN, "systemctl reload pgha-haproxy"),
  "has pgbouncer.ini edited": byHand("proxy", INI, SIZE),
  "has pgbouncer.ini edited and read": byHand(
    "proxy",
    INI,
    SIZE,
    "kill -HUP $(systemctl show -P MainPID pgha-pgbouncer)",
  ),
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
