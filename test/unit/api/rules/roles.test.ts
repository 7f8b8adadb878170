import { DB, testCases } from "../cases.ts";
import type { Stack } from "../stack.ts";

const roles =
  (...all: NonNullable<Stack["cluster"]["spec"]["roles"]>) =>
  ({ cluster }: Stack) => {
    cluster.spec.roles = [{ name: "app" }, ...all];
  };
const database =
  (changes: Partial<NonNullable<Stack["cluster"]["spec"]["databases"]>[number]>) =>
  ({ cluster }: Stack) => {
    cluster.spec.databases = [{ name: "app", owner: "app", ...changes }];
  };
const reserved = ["postgres", "replicator", "rewind_user", "pgbouncer_admin", "pg_monitor", "public", "none", "pgha_x"];

testCases([
  ...reserved.map((name) => ({
    reason: `the role ${name} can't be declared`,
    spoil: roles({ name }),
    problems: [`${DB} spec.roles[1].name`],
    says: /can't be declared/,
  })),
  { reason: "a role of 63 letters is accepted", spoil: roles({ name: "a".repeat(63) }) },
  {
    reason: "a role of 64 letters is refused",
    spoil: roles({ name: "a".repeat(64) }),
    problems: [`${DB} spec.roles[1].name`],
    says: /64 characters/,
  },
  { reason: "a role with a quote is refused", spoil: roles({ name: 'a"b' }), problems: [`${DB} spec.roles[1].name`] },
  {
    reason: "two roles of one name are refused",
    spoil: roles({ name: "app" }),
    problems: [`${DB} spec.roles[1].name`],
  },
  {
    reason: "membership in an undeclared role is refused, and the likely one named",
    spoil: roles({ name: "x", memberOf: ["ap"] }),
    problems: [`${DB} spec.roles[1].memberOf[0]`],
  },
  {
    reason: "membership in PostgreSQL's own roles is accepted",
    spoil: roles({ name: "x", memberOf: ["pg_monitor", "app"] }),
  },
  {
    reason: "membership in the superuser is refused",
    spoil: roles({ name: "x", memberOf: ["postgres"] }),
    problems: [`${DB} spec.roles[1].memberOf[0]`],
  },
  {
    reason: "a role that is a member of itself is refused",
    spoil: roles({ name: "x", memberOf: ["x"] }),
    problems: [`${DB} spec.roles[1].memberOf`],
    says: /ring/,
  },
  {
    reason: "a ring of memberships is refused once, and shown",
    spoil: roles({ name: "x", memberOf: ["y"] }, { name: "y", memberOf: ["z"] }, { name: "z", memberOf: ["x"] }),
    problems: [`${DB} spec.roles[1].memberOf`],
    says: /x is a member of y is a member of z is a member of x/,
  },
  {
    reason: "two ways to one group are no ring",
    spoil: roles({ name: "x", memberOf: ["y", "z"] }, { name: "y", memberOf: ["z"] }, { name: "z" }),
  },
  {
    reason: "two roles whose Secrets would have one name are refused",
    spoil: roles({ name: "a_b" }, { name: "a-b" }),
    problems: [`${DB} spec.roles[2].passwordSecretRef`],
    says: /main-role-a-b/,
  },
  {
    reason: "roles that can't log in have no Secret to collide with",
    spoil: roles({ name: "a_b", login: false }, { name: "a-b" }),
  },
  {
    reason: "F94: a role can't use the superuser's Secret",
    spoil: ({ cluster }) => (cluster.spec.credentials = { superuserSecretRef: { name: "main-role-app" } }),
    problems: [`${DB} spec.roles[0].passwordSecretRef`],
    says: /already used for the superuser/,
  },
  {
    reason: "a password can't come from the Secret of the SSH key",
    spoil: ({ cluster }) => (cluster.spec.credentials = { raftSecretRef: { name: "vm-ssh" } }),
    problems: [`${DB} spec.credentials.raftSecretRef`],
  },
  {
    reason: "an owner that is not declared is refused",
    spoil: database({ owner: "app2" }),
    problems: [`${DB} spec.databases[0].owner`],
  },
  ...["postgres", "template1", "pgbouncer", "replication"].map((name) => ({
    reason: `the database ${name} can't be declared`,
    spoil: database({ name }),
    problems: [`${DB} spec.databases[0].name`],
  })),
  {
    reason: "a database with $() in its name is refused",
    spoil: database({ name: "a$(id)" }),
    problems: [`${DB} spec.databases[0].name`],
  },
  {
    reason: "an extension that pgha does not bring is warned of",
    spoil: database({ extensions: ["postgis"] }),
    warnings: [`${DB} spec.databases[0].extensions[0]`],
  },
  {
    reason: "a doubled extension is refused",
    spoil: database({ extensions: ["vector", "vector"] }),
    problems: [`${DB} spec.databases[0].extensions[1]`],
  },
  {
    reason: "an extension with a semicolon is refused",
    spoil: database({ extensions: ["vector; DROP"] }),
    problems: [`${DB} spec.databases[0].extensions[0]`],
    warnings: [`${DB} spec.databases[0].extensions[0]`],
  },
]);
