import { PATRONI } from "../desired/services.ts";

/**
 * What Patroni runs before it stops PostgreSQL
 * (https://patroni.readthedocs.io/en/latest/yaml_configuration.html#postgresql, from version 3.1 on; an earlier one
 * passes over it).
 *
 * Patroni stops it with SIGINT and then looks once a second whether it is gone, and clients wait for that second. In a
 * switchover of pgha's, and only then, the same signal is sent here, and the end of it waited for more closely: Patroni
 * finds it stopped and hands over at once. What a fast shutdown is to see to, standbys that get all of it among it,
 * PostgreSQL does either way. After three seconds Patroni goes on as ever.
 */
export function beforeStop(dataDirectory: string): string {
  return `sh -c '${SCRIPT}' sh ${dataDirectory}`;
}

/** Read by Python's shlex: no single quote in it. */
const SCRIPT = [
  `read -r until <${PATRONI.handover} && [ "$until" -gt "$(date +%s)" ] || exit 0`,
  'read -r pid <"$1/postmaster.pid" && kill -INT "$pid" || exit 0',
  'n=0; while kill -0 "$pid" && [ "$n" -lt 300 ]; do sleep 0.01; n=$((n + 1)); done',
]
  .map((line) => `{ ${line}; } 2>/dev/null`)
  .join("; ");
