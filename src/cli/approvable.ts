import { HostKeyError } from "../errors.ts";
import type { RemoteShell } from "../shell/shell.ts";

/**
 * The same shell; when the host shows another key than the known one, its error also names the command that approves
 * it.
 */
export function approvable(shell: RemoteShell): RemoteShell {
  return {
    host: shell.host,
    run: async (command, options) =>
      shell.run(command, options).catch((error: unknown) => {
        throw error instanceof HostKeyError ? withCommand(error, shell.host) : error;
      }),
  };
}

/**
 * A bastion's key is changed in the manifest, nowhere else; a host that nobody knows yet has nothing to be replaced.
 */
function withCommand(error: HostKeyError, host: string): HostKeyError {
  const { reason, seenFingerprint, seenKey, wayOut = "" } = error;
  if (reason !== "HostKeyChanged" || error.host !== host || seenFingerprint === undefined || seenKey === undefined)
    return error;
  return new HostKeyError(host, error.message, {
    reason,
    seenFingerprint,
    seenKey,
    wayOut: `${wayOut}. One command does that for all resources and takes on the new machine: pgha approve ${host}`,
  });
}
