/**
 * Options of a line that uses LDAP, as pg_hba_file_rules shows them: a URL taken apart, and the port and the scope that
 * hold without a word. https://www.postgresql.org/docs/current/auth-ldap.html
 */
export function shownLdapOptions(options: ReadonlyMap<string, string>): readonly string[] {
  const shown = new Map<string, string>();
  for (const [name, value] of options) {
    // Each option sets it anew, so the scope of a URL holds only where nothing stands behind it.
    shown.set("ldapscope", "2");
    if (name === "ldapurl") for (const [part, text] of partsOfUrl(value)) shown.set(part, text);
    else shown.set(name, value);
  }
  if (shown.get("ldaptls") === "1") shown.set("ldaptls", "true");
  else shown.delete("ldaptls");
  if (shown.get("ldapscope") === "0") shown.delete("ldapscope");
  return [...shown].map(([name, value]) => `${name}=${value}`);
}

/** RFC 4516, as libldap reads it. What is no such URL has no parts. */
export function partsOfUrl(url: string): ReadonlyMap<string, string> {
  const [, scheme = "", host = "", port, dn = "", attributes = "", scope = "", filter = ""] =
    /^(ldaps?):\/\/(\[[^\]]*\]|[^/:?]*)(?::([0-9]+))?(?:\/([^?]*))?(?:\?([^?]*))?(?:\?([^?]*))?(?:\?([^?]*))?/i.exec(
      url,
    ) ?? [];
  if (scheme === "") return new Map();
  return new Map([
    ["ldapserver", decoded(host.replaceAll(/^\[|\]$/g, ""))],
    ["ldapport", port ?? (scheme.toLowerCase() === "ldaps" ? "636" : "389")],
    ["ldapbasedn", decoded(dn)],
    ["ldapsearchattribute", decoded(attributes.split(",")[0] ?? "")],
    ["ldapscope", SCOPES.get(scope.toLowerCase()) ?? "0"],
    ["ldapsearchfilter", decoded(filter)],
  ]);
}

const SCOPES: ReadonlyMap<string, string> = new Map([
  ["one", "1"],
  ["onelevel", "1"],
  ["sub", "2"],
  ["subtree", "2"],
]);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
