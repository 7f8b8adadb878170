import { REVISION } from "../desired/notes.ts";
import { SSHD } from "../desired/services.ts";
import { script, sh, withInput } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { directoryOf } from "./directory-of.ts";
import { reloadFirst } from "./systemd.ts";
import { beginTrial, endTrial, TRIAL_WORDS } from "./trial.ts";

export interface LoadSshd {
  readonly kind: "load-sshd";
  readonly content: string;
  /** SHA-256 of the content. */
  readonly digest: string;
}

export const loadSshd: HostChangeKind<LoadSshd> = {
  kind: "load-sshd",
  describe: () => `have sshd take keys only; ${TRIAL_WORDS}`,
  target: () => SSHD.dropIn,
  action: "change",
  event: "SshdLoaded",
  undoneBy: "nobody",
  command: load,
  confirm: () =>
    script([
      endTrial(SSHD.trial),
      sh`rm -f ${PREVIOUS} ${SSHD.refused}`,
      // A power cut must not take back what is in force.
      sh`sync ${SSHD.dropIn} ${directoryOf(SSHD.dropIn)}`,
    ]),
};

const PREVIOUS = `${SSHD.dropIn}.previous`;

/** Debian calls the unit ssh, as others call it sshd; sessions that are open stay. */
const RELOAD = reloadFirst(SSHD.units);

function load({ content, digest }: LoadSshd): Command {
  const restore = `if [ -f ${PREVIOUS} ]; then mv -T -f ${PREVIOUS} ${SSHD.dropIn}; else rm -f ${SSHD.dropIn}; fi`;
  const back = [restore, RELOAD.script, `echo ${digest} >${SSHD.refused}`];
  return withInput(
    script([
      sh`export PATH="$PATH:/usr/sbin"; mkdir -p /etc/ssh/sshd_config.d ${SSHD.folder}`,
      sh`if [ -f ${SSHD.dropIn} ]; then cp -p ${SSHD.dropIn} ${PREVIOUS}; else rm -f ${PREVIOUS}; fi`,
      sh`cat >${`${SSHD.dropIn}.pgha-new`}; chmod 644 ${`${SSHD.dropIn}.pgha-new`}`,
      sh`mv -T -f ${`${SSHD.dropIn}.pgha-new`} ${SSHD.dropIn}`,
      { script: `sshd -t || { ${restore}; exit 1; }`, display: "sshd -t" },
      beginTrial(SSHD.trial, back),
      sh`about=$(stat --printf ${REVISION} -- ${SSHD.dropIn})`,
      RELOAD,
      sh`mkdir -p ${directoryOf(SSHD.told)}; printf '%s\n' "$about" >${SSHD.told}`,
    ]),
    content,
  );
}
