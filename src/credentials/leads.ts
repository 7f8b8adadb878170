import type { SecretDocument } from "./secret.ts";
import type { SecretWish } from "./wish.ts";

/**
 * Where a Secret sends who logs in with it, against where it should, for people. Never taken from the uri, which holds
 * the password; and what does not look like an address may be anything, so it is not shown either.
 */
export function leads({ endpoint }: SecretWish, { data }: SecretDocument): string {
  const wanted = endpoint === undefined ? "nowhere" : place(endpoint.host, String(endpoint.port), endpoint.dbname);
  const [host = "", port = "", dbname = ""] = ["host", "port", "dbname"].map((key) => data[key]?.reveal());
  if (!/^[A-Za-z0-9.:_-]{1,253}$/.test(host) || !/^[0-9]{1,5}$/.test(port) || !/^[A-Za-z0-9_-]{1,63}$/.test(dbname)) {
    return `elsewhere than to ${wanted}`;
  }
  const found = place(host, port, dbname);
  return found === wanted ? `to ${wanted}, but not by its uri` : `to ${found} instead of ${wanted}`;
}

function place(host: string, port: string, dbname: string): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${dbname}`;
}
