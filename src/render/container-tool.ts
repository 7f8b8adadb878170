import { insideOf } from "../desired/container.ts";
import { PATRONI } from "../desired/services.ts";
import { HEADER } from "./unit-file.ts";

/**
 * patronictl as people type it where Patroni runs in a container, which it goes into: with the PATH and the libraries
 * that Patroni has there, as its user.
 */
export function patronictlInside(): string {
  return `#!/bin/sh
${HEADER}
# The patronictl of the container that Patroni runs in.
if [ ! -r ${insideOf(PATRONI.unit)} ] || ! read -r p u g i <${insideOf(PATRONI.unit)}; then
  echo "Patroni does not run on this host" >&2
  exit 1
fi
of() { tr '\\0' '\\n' <"/proc/$p/environ" | sed -n "s/^$1=//p"; }
export PATH="$(of PATH)" PYTHONPATH="$(of PYTHONPATH)" PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
export PATRONICTL_CONFIG_FILE="\${PATRONICTL_CONFIG_FILE:-${PATRONI.config}}"
exec /usr/bin/nsenter -t "$p" -m -S "$u" -G "$g" -- patronictl "$@"
`;
}
