export * from "./kinds.ts";
export { dataDirectoryOf, haproxyPoolOf, scopeOf, secretNames, sshOf } from "./derived.ts";
export type { SecretNames } from "./derived.ts";
