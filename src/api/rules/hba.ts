import { isIP } from "node:net";
import type { Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { problem, warning, type Finding } from "./finding.ts";

/** spec.postgresql.additionalHba: lines that PostgreSQL can read, since one that it can't stops every reload. */
export function* hbaRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    for (const [index, line] of resource.spec.postgresql.additionalHba.entries()) {
      const path = `spec.postgresql.additionalHba[${index}]`;
      const verdict = judge(line);
      if ("fault" in verdict)
        yield problem(
          resource,
          path,
          `${shown(line)} ${verdict.fault}`,
          "write: TYPE DATABASE USER ADDRESS METHOD, e.g. hostssl all all 192.0.2.0/24 scram-sha-256",
        );
      else if (verdict.method === "trust")
        yield warning(resource, path, "lets these clients in without a password", "use scram-sha-256");
      else if (verdict.method === "password" || verdict.method === "md5")
        yield warning(resource, path, `asks for passwords the weak way (${verdict.method})`, "use scram-sha-256");
    }
  }
}

type Verdict = { readonly fault: string } | { readonly method: string };

/** https://www.postgresql.org/docs/current/auth-pg-hba-conf.html */
function judge(line: string): Verdict {
  const fields = fieldsOf(line);
  if (fields === undefined) return { fault: "has a quotation mark without its partner" };
  const [type = "", ...rest] = fields;
  if (type.startsWith("include") || fields.some((each) => each.split(",").some((part) => part.startsWith("@")))) {
    return { fault: "refers to another file, which nobody has checked" };
  }
  if (!TYPES.has(type)) return { fault: `begins with ${shown(type)} instead of ${[...TYPES].join(", ")}` };
  const afterUser = rest.slice(2);
  if (type !== "local") {
    const address = afterUser.shift() ?? "";
    if (isIP(address) > 0 && isIP(afterUser.shift() ?? "") === 0)
      return { fault: `has the address ${address} without a length or mask` };
  }
  const [method] = afterUser;
  if (method === undefined) return { fault: "has too few fields" };
  return METHODS.has(method) ? { method } : { fault: `has ${shown(method)} where the method is expected` };
}

/** Fields are separated by spaces and tabs; quotation marks keep them together; # starts a comment. */
function fieldsOf(line: string): readonly string[] | undefined {
  const withoutQuoted = line.replaceAll(/"[^"]*"/g, (quoted) => "q".repeat(quoted.length));
  if (withoutQuoted.includes('"')) return undefined;
  return (withoutQuoted.split("#")[0] ?? "").trim().split(/[ \t]+/);
}

const TYPES: ReadonlySet<string> = new Set(["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"]);
const METHODS: ReadonlySet<string> = new Set(
  "trust reject scram-sha-256 md5 password gss sspi ident peer ldap radius cert pam bsd oauth".split(" "),
);
