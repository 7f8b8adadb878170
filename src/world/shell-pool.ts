import type { SshSpec } from "../api/index.ts";
import type { Sensitive } from "../credentials/index.ts";
import type { HostTarget } from "../reconcilers/targets.ts";
import { bastionPool } from "../shell/bastion.ts";
import { hostKeysFromKnownHosts } from "../shell/known-hosts.ts";
import type { RemoteShell } from "../shell/shell.ts";
import { connectSsh } from "../shell/ssh.ts";
import type { SshShell, SshTarget } from "../shell/ssh.ts";
import { targetSsh } from "./target-ssh.ts";

export type KeyRef = SshSpec["privateKeySecretRef"];

/** What a target does not say about how to reach its host. */
export interface ShellPoolOptions {
  readonly privateKey: (ref: KeyRef) => Sensitive;
  /** The host key that was recorded on first use, if one was. */
  readonly recordedKey: (target: HostTarget) => string | undefined;
  /** Told the key of a host that was believed on first use. */
  readonly onFirstUse: (target: HostTarget, key: string) => void;
}

/** A shell per host, connected when first used and kept. */
export interface ShellPool {
  readonly shellFor: (target: HostTarget) => RemoteShell;
  readonly close: () => Promise<void>;
}

export function shellPool(options: ShellPoolOptions): ShellPool {
  const bastions = bastionPool();
  const shells = new Map<string, SshShell>();
  return {
    shellFor: (target) => {
      const key = identity(target);
      const shell = shells.get(key) ?? connectSsh(sshTarget(target, options), { bastions });
      shells.set(key, shell);
      return shell;
    },
    close: async () => void (await Promise.all([...shells.values()].map(async (shell) => shell.close()))),
  };
}

/** Two resources that reach a host in the same way share its connection. */
function identity({ name, address, hostKey, ssh, override }: HostTarget): string {
  return JSON.stringify([name, address, hostKey, ssh, override]);
}

/** The keys to log in with: to the host, and to the bastion on the way if there is one. */
export function keysTo(
  target: HostTarget,
  { privateKey }: Pick<ShellPoolOptions, "privateKey">,
): { readonly host: Sensitive; readonly bastion: Sensitive | undefined } {
  const { privateKeySecretRef } = target.ssh;
  const { bastion } = targetSsh(target);
  return {
    host: privateKey(privateKeySecretRef),
    bastion: bastion === undefined ? undefined : privateKey(bastion.privateKeySecretRef ?? privateKeySecretRef),
  };
}

/** How to reach a host, with all that its target only names. */
export function sshTarget(target: HostTarget, options: ShellPoolOptions): SshTarget {
  const { name, address, ssh } = target;
  const { user, port, become, bastion } = targetSsh(target);
  const keys = keysTo(target, options);
  const connectTimeoutMs = ssh.connectTimeoutSeconds * 1000;
  return {
    name,
    address,
    port,
    user,
    connectTimeoutMs,
    privateKey: keys.host.reveal(),
    ...(become === "sudo" ? { become } : {}),
    hostKeys: hostKeysOf(target, port, options),
    hostKeyPolicy: ssh.hostKeyPolicy,
    onFirstUse: (key) => options.onFirstUse(target, key),
    ...(bastion === undefined || keys.bastion === undefined
      ? {}
      : {
          bastion: {
            via: bastion.via,
            target: {
              name: `the bastion of ${name}`,
              address: bastion.address,
              port: bastion.port,
              user: bastion.user,
              connectTimeoutMs,
              privateKey: keys.bastion.reveal(),
              hostKeys: [bastion.hostKey],
              hostKeyPolicy: "pinned",
            },
          },
        }),
  };
}

/** What a person wrote counts before what was recorded: that is how a changed key gets approved. */
function hostKeysOf(target: HostTarget, port: number, { recordedKey }: ShellPoolOptions): readonly string[] {
  if (target.hostKey !== undefined) {
    return [target.hostKey];
  }
  const known = hostKeysFromKnownHosts(target.ssh.knownHosts ?? "", target.address, port);
  const recorded = recordedKey(target);
  return known.length > 0 || recorded === undefined ? known : [recorded];
}
