import { ANNOTATIONS } from "../../api/annotations.ts";
import { HostKeyError } from "../../errors.ts";
import type { RemoteShell } from "../../shell/shell.ts";

/** The same shell; when the host shows another key than the known one, its error also says how to approve that here. */
export function withApproval(shell: RemoteShell, namespace: string): RemoteShell {
  return {
    host: shell.host,
    run: async (command, options) =>
      shell.run(command, options).catch((error: unknown) => {
        throw error instanceof HostKeyError ? approvable(error, shell.host, namespace) : error;
      }),
  };
}

/**
 * A bastion's key is changed in the spec, nowhere else; and a host that nobody knows yet has nothing to be replaced.
 */
function approvable(error: HostKeyError, host: string, namespace: string): HostKeyError {
  const { reason, seenFingerprint, seenKey } = error;
  if (reason !== "HostKeyChanged" || error.host !== host || seenFingerprint === undefined || seenKey === undefined)
    return error;
  const command =
    `kubectl annotate --overwrite pgha --all -n ${namespace} ` +
    `${ANNOTATIONS.acceptHostKey}=${host}=${seenFingerprint}`;
  return new HostKeyError(host, error.message, {
    reason,
    seenFingerprint,
    seenKey,
    wayOut: `${error.wayOut} if the spec has one, and approve the machine: ${command} (the key it shows is ${seenKey})`,
  });
}
