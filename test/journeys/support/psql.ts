import type { CommandResult } from "../../lab/command.ts";
import { until } from "../../kube/until.ts";
import { MEMBERS } from "./site.ts";
import type { Site } from "./site.ts";

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly dbname: string;
}

/** A client on a proxy host: psql with a password, over TCP. Nothing of it gets into an argument. */
export async function clientSql(site: Site, from: string, login: Login, sql: string): Promise<CommandResult> {
  const environment = [
    ["PGHOST", login.host],
    ["PGPORT", `${login.port}`],
    ["PGUSER", login.user],
    ["PGPASSWORD", login.password],
    ["PGDATABASE", login.dbname],
    ["PGCONNECT_TIMEOUT", "10"],
  ].map(([name, value]) => `export ${name}=${quoted(value ?? "")}`);
  return site.lab.exec(
    from,
    [...environment, "exec psql -X -A -t -q -w -v ON_ERROR_STOP=1 -f - <<'SQL'", sql, "SQL"].join("\n"),
  );
}

/** The superuser on a member, over its socket. */
export async function localSql(site: Site, host: string, sql: string, database = "postgres"): Promise<CommandResult> {
  return site.lab.exec(
    host,
    `cd /; exec runuser -u postgres -- psql -X -A -t -q -w -v ON_ERROR_STOP=1 -d ${quoted(database)} -f - ` +
      `<<'SQL'\n${sql}\nSQL`,
  );
}

/** As localSql, for what must work: the answer, trimmed. */
export async function demandLocalSql(site: Site, host: string, sql: string, database = "postgres"): Promise<string> {
  const { exitCode, stdout, stderr } = await localSql(site, host, sql, database);
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout.trim();
}

/** The one member that takes writes. */
export async function leaderOf(site: Site, deadlineMs = 60_000): Promise<string> {
  return until(
    "a leader",
    async () => {
      const answers = await Promise.all(
        MEMBERS.map(async (host) => ({
          host,
          said: await localSql(site, host, "SELECT pg_is_in_recovery()").catch(() => undefined),
        })),
      );
      const leading = answers.filter(({ said }) => said?.stdout.trim() === "f");
      return leading.length === 1 ? leading[0]?.host : undefined;
    },
    deadlineMs,
    250,
  );
}

/** A login of a declared role, as its Secret has it, at another place where wanted. */
export async function loginOf(site: Site, role: string, at: Partial<Login> = {}): Promise<Login> {
  const secret = (await site.secrets()).get(`keybuzz-pg-role-${role}`);
  if (secret === undefined) throw new Error(`there is no Secret of role ${role}`);
  const { username = "", password = "", host = "", port = "", dbname = "" } = secret;
  return { user: username, password, host, port: Number(port), dbname, ...at };
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
