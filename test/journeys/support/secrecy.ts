import { readFile, readdir } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { Site } from "./site.ts";
import { quoted } from "./psql.ts";

/** Values that nobody but their owner may see: passwords and verifiers of all Secrets, plain and as in a URI. */
export async function secretValues(site: Site): Promise<readonly string[]> {
  const isPublic = new Set(["username", "host", "port", "dbname"]);
  const values = [...(await site.secrets()).values()].flatMap((data) =>
    Object.entries(data)
      .filter(([key]) => !isPublic.has(key))
      .map(([, value]) => value),
  );
  const lines = values
    .flatMap((value) => value.split("\n"))
    .filter((line) => line.length > 8 && !line.startsWith("-----"));
  return [...new Set(lines)];
}

/**
 * Files on the host that anybody may read, and journal entries, that hold one of the values. The host's programs as
 * Debian ships them are not searched.
 */
export async function leaksOn(site: Site, host: string, values: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await site.lab.exec(
    host,
    `umask 077
printf '%s\\n' ${values.map(quoted).join(" ")} >/root/.values
find / /run /tmp /dev/shm /opt/keybuzz/postgres/data -xdev \\( -path /usr -o -path /var/lib/dpkg -o -path /var/lib/apt \\) -prune -o -type f -perm -004 -print0 2>/dev/null | xargs -0 -r grep -lF -f /root/.values
journalctl --sync
journalctl -q --no-pager -o export | grep -aF -f /root/.values | cut -c 1-80
rm /root/.values; true`,
  );
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Notes the command lines of all processes, those on the lab's hosts among them, until it is stopped. */
export class CommandLineWatch {
  readonly #seen = new Set<string>();
  #on = true;
  readonly #running: Promise<void>;

  constructor() {
    this.#running = this.#watch();
  }

  async stop(): Promise<ReadonlySet<string>> {
    this.#on = false;
    await this.#running;
    return this.#seen;
  }

  async #watch(): Promise<void> {
    while (this.#on) {
      const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
      // Those that ended meanwhile cannot be read.
      const lines = await Promise.all(
        processes.map(async (pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
      );
      for (const line of lines) this.#seen.add(line);
      await setTimeout(50);
    }
  }
}
