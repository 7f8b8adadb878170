import { SSHD } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** How a host's sshd lets people in. */
export interface SshdFact {
  /** What its files come to (sshd -T), by setting in lower case; undefined where they are not valid. */
  readonly effective: Readonly<Record<string, string>> | undefined;
  /** Revision that pgha's file had when it was last told to read it (ADR 28); undefined where it never was. */
  readonly told: string | undefined;
  /** Whether it reads drop-ins at all. */
  readonly readsDropIns: boolean;
  /** Files of others that changed since it read them: told to reload, it would take these up, too. */
  readonly pending: readonly string[];
  /** Digest of a file that cut pgha off, and was taken back. */
  readonly refused: string | undefined;
}

/** Where nothing is `wanted`, nothing is asked. */
export function sshdFact(wanted: boolean): Fact<SshdFact> {
  if (!wanted) return { command: sh`echo over`, parse };
  return {
    // Told to reload, sshd starts itself anew and writes its pid file again. Of a file that was changed, nobody can set
    // the time of the change itself (ctime).
    command: sh`
PATH=$PATH:/usr/sbin
sshd -T 2>/dev/null | grep -E '^(passwordauthentication|kbdinteractiveauthentication|permitrootlogin) '
while read -r k v; do
  case $k-$v in [Ii]nclude-/etc/ssh/sshd_config.d/*) echo include ;; esac
done </etc/ssh/sshd_config
if [ -r ${SSHD.told} ] && read -r l <${SSHD.told}; then echo "told $l"; fi
if [ -e /run/sshd.pid ]; then
  find /etc/ssh/sshd_config /etc/ssh/sshd_config.d -maxdepth 1 '(' -name sshd_config -o -name '*.conf' ')' \
    ! -path ${SSHD.dropIn} -newercm /run/sshd.pid -printf 'pending %p\n'
fi
if [ -r ${SSHD.refused} ]; then read -r l <${SSHD.refused} && echo "refused $l"; fi
echo over`,
    parse,
  };
}

function parse({ exitCode, stdout }: FactOutput): SshdFact {
  if (exitCode === 124 || !/^over$/m.test(stdout)) throw new Error("the host did not say how its sshd lets people in");
  const settings = [...stdout.matchAll(/^([a-z]+authentication|permitrootlogin) (\S+)$/gm)];
  return {
    effective:
      settings.length === 0
        ? undefined
        : Object.fromEntries(settings.map(([, name = "", value = ""]) => [name, value])),
    told: /^told (\S+)$/m.exec(stdout)?.[1],
    readsDropIns: /^include$/m.test(stdout),
    pending: [...stdout.matchAll(/^pending (.+)$/gm)].map(([, file = ""]) => file),
    refused: /^refused ([0-9a-f]{64})$/m.exec(stdout)?.[1],
  };
}
