import { AUDIT } from "../desired/audit.ts";
import { script, sh, withInput } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { octal } from "../text/octal.ts";
import { count } from "../text/words.ts";
import { directoryOf } from "./directory-of.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface LoadAudit {
  readonly kind: "load-audit";
  /** A rule a line, each with pgha's key at its end, below a comment. */
  readonly content: string;
  /** SHA-256 of the content. */
  readonly digest: string;
  readonly rules: number;
  /** Where the kernel takes none now they are written down for the next boot. */
  readonly when: "now" | "boot";
}

export const loadAudit: HostChangeKind<LoadAudit> = {
  kind: "load-audit",
  describe: ({ rules, when }) =>
    when === "now" ? `load ${count(rules, "audit rule")} of pgha's` : `write pgha's audit rules, for the next boot`,
  target: () => AUDIT.file,
  action: "change",
  event: "AuditRulesLoaded",
  undoneBy: "nobody",
  undoneElsewhere:
    "Something else there empties the kernel's rules. Look for auditctl -D, or for another program that audits.",
  command: load,
};

const NEW = `${AUDIT.folder}/new.rules`;
const TRIED = `${AUDIT.folder}/tried.rules`;

/**
 * Rules of others are never touched: pgha's are told apart by their key. New ones are tried under another key first, so
 * that with one that the kernel refuses the old ones stay as they are, and that there is no moment without any.
 */
function load(change: LoadAudit): Command {
  return withInput(
    script([
      sh`umask 077; mkdir -p ${AUDIT.folder} /run/pgha`,
      sh`cat >${NEW}`,
      ...(change.when === "now" ? [tryThem(change.digest), takeThem] : []),
      keepForBoot,
      // Where it has no answer it is not asked.
      sh`rm -f ${AUDIT.look}
if auditctl -s >/dev/null 2>&1; then printf '%s\n' ${`-l -k ${AUDIT.key}`} -s >${AUDIT.look}; fi`,
      ...(change.when === "now"
        ? [
            sh`{ echo ${change.digest}; auditctl -l -k ${AUDIT.key}; } >${`${AUDIT.loaded}.pgha-new`}`,
            sh`mv -T -f ${`${AUDIT.loaded}.pgha-new`} ${AUDIT.loaded}`,
            sh`rm -f ${AUDIT.refused} ${AUDIT.waits}`,
          ]
        : [sh`: >${AUDIT.waits}`]),
    ]),
    change.content,
  );
}

/** auditctl does not always say which line it refuses, nor why: then they are tried one by one. */
function tryThem(digest: string): Command {
  return sh`e=$(auditctl -s); e=\${e##*enabled }
case $e in 2*) echo 'the audit is locked there (enabled 2), which the next boot alone ends' >&2; exit 1 ;; esac
auditctl -D -k ${AUDIT.trialKey} >/dev/null
sed ${`s/ -k ${AUDIT.key}$/ -k ${AUDIT.trialKey}/`} ${NEW} >${TRIED}
if ! auditctl -R ${TRIED} >/dev/null 2>&1; then
  auditctl -D -k ${AUDIT.trialKey} >/dev/null
  why=
  while IFS= read -r l; do
    printf '%s\n' "$l" >${`${TRIED}.one`}
    if said=$(auditctl -R ${`${TRIED}.one`} 2>&1); then continue; fi
    said=$(printf '%s\n' "$said" | grep -v -e ' slower$' -e '^There was an error in line' | head -n 1) || true
    why="\${l% -k *}: \${said:-auditctl refuses it without a word}"
    break
  done <${TRIED}
  auditctl -D -k ${AUDIT.trialKey} >/dev/null
  rm -f ${NEW} ${TRIED} ${`${TRIED}.one`}
  printf '%s\n' ${digest} "$why" >${AUDIT.refused}
  printf 'a rule was refused: %s\nThe rules from before are in force still.\n' "$why" >&2
  exit 1
fi`;
}

/** What was tried is in force meanwhile, and is taken once more; if it is not, the old ones are back. */
const takeThem = sh`auditctl -D -k ${AUDIT.key} >/dev/null
if ! said=$(auditctl -R ${NEW} 2>&1 >/dev/null); then
  auditctl -D -k ${AUDIT.key} >/dev/null
  grep -e ${` -k ${AUDIT.key}$`} ${AUDIT.file} >${TRIED} 2>/dev/null && auditctl -R ${TRIED} >/dev/null 2>&1 || true
  auditctl -D -k ${AUDIT.trialKey} >/dev/null
  printf '%s\n' "$said" >&2; exit 1
fi
auditctl -D -k ${AUDIT.trialKey} >/dev/null
case $e in 0*) auditctl -e 1 >/dev/null ;; esac
rm -f ${TRIED}`;

const KEPT = `${AUDIT.file}.pgha-new`;

const keepForBoot = sh`mkdir -p ${directoryOf(AUDIT.file)}
install -o root -g root -m ${octal(AUDIT.mode)} ${NEW} ${KEPT}
sync ${KEPT}; mv -T -f ${KEPT} ${AUDIT.file}; sync ${directoryOf(AUDIT.file)}
rm -f ${NEW}`;
