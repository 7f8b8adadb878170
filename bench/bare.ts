import type { Lab } from "../test/lab/lab.ts";

/** The same work as people do it by hand with Patroni's and systemd's own commands: what pgha is measured against. */
export interface Bare {
  readonly switchover: () => Promise<void>;
  /** Of each member, in place, who leads last. */
  readonly restarts: () => Promise<void>;
  /** Debian's own scripts restart Patroni, one member after the other. */
  readonly packages: () => Promise<void>;
  readonly reloadProxies: () => Promise<void>;
  readonly restartPoolers: () => Promise<void>;
}

const TOOL = "patronictl -c /etc/patroni/config.yml";
const CLUSTER = "keybuzz-pg";

export function bareOperations(lab: Lab, members: readonly string[], proxies: readonly string[]): Bare {
  const demand = async (host: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await lab.exec(host, script);
    if (exitCode !== 0) throw new Error(`${host}: ${script}\n${stdout}${stderr}`);
    return stdout;
  };
  const [first = ""] = members;
  const read = async (): Promise<readonly Member[]> =>
    JSON.parse(await demand(first, `${TOOL} list -f json`)) as Member[];
  /** Who leads last. */
  const inOrder = async (): Promise<readonly string[]> =>
    (await read()).toSorted((one, other) => Number(leads(one)) - Number(leads(other))).map(({ Member: name }) => name);
  const streams = async (): Promise<void> => {
    const end = Date.now() + 120_000;
    while (!(await read()).every((member) => leads(member) || member.State === "streaming"))
      if (Date.now() > end) throw new Error("not all members stream");
  };
  const each = async (hosts: readonly string[], script: string): Promise<void> => {
    for (const host of hosts) await demand(host, script);
  };
  return {
    async switchover() {
      const [candidate = "", , leader = ""] = await inOrder();
      await demand(first, `${TOOL} switchover ${CLUSTER} --leader ${leader} --candidate ${candidate} --force`);
      await streams();
    },
    async restarts() {
      for (const member of await inOrder()) {
        await demand(first, `${TOOL} restart ${CLUSTER} ${member} --force`);
        await streams();
      }
    },
    async packages() {
      for (const member of await inOrder()) {
        await demand(member, "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --reinstall patroni postgresql-17");
        await streams();
      }
    },
    reloadProxies: async () => each(proxies, "systemctl reload pgha-haproxy"),
    restartPoolers: async () => each(proxies, "systemctl restart pgha-pgbouncer"),
  };
}

interface Member {
  readonly Member: string;
  readonly Role: string;
  readonly State: string;
}

function leads({ Role: role }: Member): boolean {
  return role === "Leader";
}
