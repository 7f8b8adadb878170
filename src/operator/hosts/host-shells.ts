import { hash } from "node:crypto";
import { keepLast, oncePer } from "../../keep-last.ts";
import type { RemoteShell } from "../../shell/shell.ts";
import { bastionPool } from "../../shell/bastion.ts";
import { connectSsh } from "../../shell/ssh.ts";
import type { SshShell, SshTarget } from "../../shell/ssh.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import { keysTo, sshTarget } from "../../world/shell-pool.ts";
import type { ShellPoolOptions } from "../../world/shell-pool.ts";

/** Kept connections to all hosts of all resources. */
export interface HostShells {
  /** A shell that logs in as the target and the options say; the same way in is the same connection. */
  shellFor(target: HostTarget, options: ShellPoolOptions): RemoteShell;
  /** Closes what was not asked for since so many milliseconds: its resource is gone, or its way in changed. */
  closeIdle(idleMs: number): void;
  close(): Promise<void>;
}

interface Kept {
  readonly shell: SshShell;
  usedAt: number;
}

/**
 * Signs of life in SSH on hundreds of connections cost more than the looks at them. The kernel looks after silent ones
 * for nothing, and a look that is not answered at once is doubted by itself. Behind a bastion the kernel only sees the
 * bastion.
 */
const KEEPALIVE_MS = { direct: 300_000, throughBastion: 5_000 } as const;

/** A host that hangs up again and again does not have its resources looked at more often than this. */
const LOSS_MS = 10_000;

/** `onLost` is told the address of a host whose connection was lost. */
export function hostShells(now: () => number, onLost: (address: string) => void = () => {}): HostShells {
  const bastions = bastionPool();
  const lastLosses = new Map<string, number>();
  const lost = (address: string): void => {
    if (now() - (lastLosses.get(address) ?? -Infinity) < LOSS_MS) return;
    lastLosses.set(address, now());
    onLost(address);
  };
  const kept = new Map<string, Kept>();
  return {
    shellFor(target, options) {
      const { identity, way } = wayTo(target, options);
      const entry = kept.get(identity) ?? {
        shell: connectSsh(way, { bastions, keepCommands: true, onLost: () => lost(target.address) }),
        usedAt: 0,
      };
      entry.usedAt = now();
      kept.set(identity, entry);
      return entry.shell;
    },
    closeIdle(idleMs) {
      for (const [identity, { shell, usedAt }] of kept) {
        if (now() - usedAt <= idleMs) continue;
        kept.delete(identity);
        shell.close().catch(() => undefined);
      }
    },
    async close() {
      await Promise.all([...kept.values()].map(({ shell }) => shell.close().catch(() => undefined)));
      kept.clear();
    },
  };
}

/**
 * The way in, and a name for it that is the same for all resources that have the same. A target is asked for at each
 * visit and hardly ever reached in another way than last time, so it is worked out again only when a key is another
 * one.
 */
function wayTo(target: HostTarget, options: ShellPoolOptions): { readonly identity: string; readonly way: SshTarget } {
  const keys = keysTo(target, options);
  return lastWay(target)([keys.host, keys.bastion, options.recordedKey(target)], () => {
    const way = sshTargetWithSignsOfLife(sshTarget(target, options));
    // The digest, so that no key lies around as part of a name.
    return { way, identity: hash("sha256", JSON.stringify(way), "base64") };
  });
}

function sshTargetWithSignsOfLife(way: SshTarget): SshTarget {
  return { ...way, keepaliveMs: way.bastion === undefined ? KEEPALIVE_MS.direct : KEEPALIVE_MS.throughBastion };
}

const lastWay = oncePer((_: HostTarget) => keepLast<{ readonly identity: string; readonly way: SshTarget }>());
