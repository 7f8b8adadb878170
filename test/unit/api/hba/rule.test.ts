import assert from "node:assert/strict";
import { it } from "node:test";
import { readHbaLine } from "../../../../src/api/hba/line.ts";
import { keyOfLine, keyOfRule } from "../../../../src/api/hba/rule.ts";

/** What PostgreSQL shows of a rule of LDAP with these options. */
const shown = (...options: readonly string[]) =>
  keyOfRule({
    type: "host",
    databases: ["all"],
    users: ["all"],
    address: "10.0.0.0",
    mask: "255.0.0.0",
    method: "ldap",
    options,
  });
const written = (options: string) => {
  const read = readHbaLine(`host all all 10.0.0.0/8 ldap ${options}`, 17);
  assert.ok("line" in read);
  return keyOfLine(read.line);
};

it(
  "a rule of LDAP is another one where another server, base or filter is asked, and the same however it is " +
    "written",
  () => {
    const one = written('ldapurl="ldaps://a.example/dc=a??sub?(uid=$username)"');
    const same = ["ldapserver=a.example", "ldapport=636", "ldapbasedn=dc=a", "ldapsearchfilter=(uid=$username)"];
    assert.equal(shown(...same, "ldapscope=2", "ldapscheme=ldaps"), one);
    assert.equal(shown(...same, "ldapscope=2"), one, "not every release shows the scheme");
    for (const other of [
      [...same.map((option) => option.replace("a.example", "evil.example")), "ldapscope=2"],
      [...same.map((option) => option.replace("dc=a", "dc=b")), "ldapscope=2"],
      [...same.filter((option) => !option.startsWith("ldapsearchfilter")), "ldapscope=2"],
      same,
    ])
      assert.notEqual(shown(...other), one, other.join(" "));
    assert.equal(
      written("ldapserver=a ldapprefix=uid= ldaptls=1"),
      shown("ldapserver=a", "ldapprefix=uid=", "ldaptls=true", "ldapbindpasswd=", "ldapscope=2"),
    );
  },
);
