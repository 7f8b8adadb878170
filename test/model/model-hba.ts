import { createHash } from "node:crypto";
import { readHbaLine } from "../../src/api/hba/line.ts";
import type { HbaFileRule } from "../../src/api/hba/rule.ts";
import type { HbaFact } from "../../src/facts/hba-rules.ts";
import type { ModelHost } from "./model-host.ts";
import { readYaml } from "./read-once.ts";

/** A member's pg_hba.conf: as Patroni wrote it from what it has loaded, or as somebody left it since. */
export function modelHba(host: ModelHost, dataDirectory: string, major: number): HbaFact {
  const loaded = host.loaded.get("patroni.service")?.get("/etc/patroni/config.yml") ?? "postgresql: {}";
  const { pg_hba: own = [] } = (readYaml(loaded) as { readonly postgresql: { readonly pg_hba?: readonly string[] } })
    .postgresql;
  return {
    file: `${dataDirectory}/pg_hba.conf`,
    rules: (host.accessRules ?? own).map((line, index) => modelRule(line, index + 3, major)),
    taken: [],
    loaded: true,
  };
}

const NO_RULE = { type: "", databases: [], users: [], address: "", mask: "", method: "", options: [] } as const;

/** As PostgreSQL shows a line in pg_hba_file_rules. */
export function modelRule(text: string, number: number, major: number): HbaFileRule {
  const read = readHbaLine(text, major);
  if ("fault" in read)
    return {
      ...NO_RULE,
      line: number,
      error: read.fault,
      digest: createHash("sha256").update(text).digest("hex"),
    };
  const { type, databases, users, address, method, options } = read.line;
  return {
    line: number,
    type,
    databases: databases.map((word) => word.text),
    users: users.map((word) => word.text),
    address: address?.address ?? "",
    mask: address?.kind === "network" ? address.mask : "",
    method,
    options: [...options].map(([name, value]) => `${name}=${value}`),
    error: "",
  };
}
