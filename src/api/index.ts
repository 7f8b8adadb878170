export { canonicalAddress } from "./addresses.ts";
export * from "./kinds.ts";
export {
  dataDirectoryOf,
  dcsPortsOf,
  dcsSecretOf,
  downIntervalMsOf,
  haproxyPoolOf,
  loginRetrySecondsOf,
  patroniTimingOf,
  scopeOf,
  secretNames,
  sshOf,
} from "./derived.ts";
export type { SecretNames } from "./derived.ts";
export { loadManifests, loadManifestText } from "./load.ts";
export type { Manifests } from "./load.ts";
export { parseDocuments, parseValue } from "./parse.ts";
export type { Parsed } from "./parse.ts";
export { deletionPolicyOf, hostsOf, isService, placesOf, withPlaces } from "./places.ts";
export { reservedDatabase, reservedRole, SYSTEM_ROLES } from "./reserved.ts";
export { PGBOUNCER_SETTINGS } from "./rules/pgbouncer-settings.ts";
export type { SecretDocument } from "./secret-document.ts";
export { ADDRESS_KEPT } from "./ssh.ts";
export { brokenLasting, lastingOf } from "./lasting.ts";
export { validate, validateUpdate } from "./validate.ts";
export type { Validation } from "./validate.ts";
export { settingsOf } from "./parameters/setting.ts";
export type { Setting } from "./parameters/setting.ts";
export { judgeValue } from "./parameters/value.ts";
export { itemsOf } from "./parameters/text.ts";
export { OWNED_BY_PATRONI } from "./rules/owned-parameters.ts";
export { comesWithPostgreSQL, libraryComesWithPostgreSQL, packageOf } from "./rules/extensions.ts";
export { encodingFault } from "./rules/locale.ts";
