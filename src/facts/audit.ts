import { AUDIT } from "../desired/audit.ts";
import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** How a host's kernel audits, as far as pgha has to know it. */
export interface AuditFact {
  /** Why nothing can be audited from there, in auditctl's words; undefined where it can. */
  readonly refusal: string | undefined;
  /** Locked: nothing of it can be changed before the next boot. Undefined where auditctl is not there yet. */
  readonly switched: "off" | "on" | "locked" | undefined;
  /** Digest of the rules that were loaded, while the kernel has them as it had them then. */
  readonly loaded: string | undefined;
  /** How many rules of pgha's the kernel has. */
  readonly listed: number;
  /** Digest of rules of which the kernel refused one, and which it was and why. */
  readonly refused: { readonly digest: string; readonly words: string } | undefined;
  /** Whether rules wait for the next boot. */
  readonly waits: boolean;
  /** Whether pgha has ever loaded any there. */
  readonly left: boolean;
  /** Those of the folders asked about that are there. */
  readonly folders: readonly string[];
}

/**
 * One process, auditctl: it reads what it is to say from a file, since it takes no two questions otherwise. Where no
 * rules are `wanted`, only whether some of pgha's were left, by the shell alone.
 */
export function auditFact(wanted: { readonly folders: readonly string[] } | undefined): Fact<AuditFact> {
  const left = sh`if [ -e ${AUDIT.folder} ]; then echo left; fi`;
  if (wanted === undefined) return { command: sh`${left}; echo over`, parse };
  return {
    command: sh`
${left}
for d in ${wanted.folders}; do if [ -d "$d" ]; then echo "folder $d"; fi; done
if [ -e ${AUDIT.waits} ]; then echo waits; fi
if [ -r ${AUDIT.refused} ]; then { read -r d; IFS= read -r w; echo "refused $d $w"; } <${AUDIT.refused}; fi
if command -v auditctl >/dev/null; then
  s=
  if [ -f ${AUDIT.look} ]; then s=$(auditctl -R ${AUDIT.look} 2>/dev/null); fi
  case $s in *'enabled '*) ;; *) s=$(auditctl -s 2>&1) ;; esac
  case $s in
  *'enabled '*) e=\${s##*enabled }; echo "switched \${e%%[!0-9]*}" ;;
  *) echo "refusal \${s%%
*}" ;;
  esac
  d= n=
  if [ -r ${AUDIT.loaded} ]; then
    { read -r d; while IFS= read -r l; do n="$n$l
"; done; } <${AUDIT.loaded}
  fi
  case $s in "\${n}enabled "*) if [ -n "$n" ]; then echo "loaded $d"; fi ;; esac
  IFS='
'; set -f
  c=0; for l in $s; do case $l in -*) c=$((c + 1)) ;; esac; done; echo "listed $c"
else
  case $(readlink /proc/self/ns/pid) in
  'pid:[4026531836]') ;; *) echo 'refusal it is a container, and the kernel audits for its own host alone' ;;
  esac
  read -r l </proc/cmdline
  case " $l " in *' audit=0 '* | *' audit=off '*) echo 'refusal its kernel was booted with audit=0' ;; esac
fi
echo over`,
    parse,
  };
}

const SWITCHED: Readonly<Record<string, AuditFact["switched"]>> = { 0: "off", 1: "on", 2: "locked" };

function parse({ exitCode, stdout }: FactOutput): AuditFact {
  if (exitCode === 124 || !/^over$/m.test(stdout)) throw new Error("the host did not say how it audits");
  const word = (pattern: RegExp): string | undefined => pattern.exec(stdout)?.[1];
  const refused = /^refused ([0-9a-f]{64}) (.*)$/m.exec(stdout);
  return {
    refusal: word(/^refusal (.*)$/m),
    switched: SWITCHED[word(/^switched ([0-9])$/m) ?? ""],
    loaded: word(/^loaded ([0-9a-f]{64})$/m),
    listed: Number(word(/^listed ([0-9]+)$/m) ?? 0),
    refused: refused === null ? undefined : { digest: refused[1] ?? "", words: refused[2] ?? "" },
    waits: /^waits$/m.test(stdout),
    left: /^left$/m.test(stdout),
    folders: [...stdout.matchAll(/^folder (.*)$/gm)].map(([, folder = ""]) => folder),
  };
}
