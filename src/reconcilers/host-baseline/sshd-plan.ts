import { SSHD } from "../../desired/services.ts";
import type { HostFindings } from "../../plan/findings.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import type { Step } from "../../plan/plan.ts";
import { list } from "../../text/words.ts";
import { sha256 } from "../../render/digest.ts";
import { sshdConf } from "../../render/sshd-conf.ts";
import type { DesiredBase } from "./desire.ts";
import type { BaseFacts } from "./observe.ts";

type Facts = Pick<BaseFacts, "sshd" | "paths">;

/** pgha's file as this host is to have it, where what is stricter about root stays, and how far it has it. */
function compare({ sshd, paths }: Facts): {
  readonly wanted: { readonly content: string; readonly digest: string };
  readonly hasFile: boolean;
  readonly isWritten: boolean;
  /** Written, and read by the sshd that runs. */
  readonly isTold: boolean;
} {
  const strict = sshdConf({ root: true });
  const found = paths[SSHD.dropIn];
  const there = found?.kind === "file" ? found.sha256 : undefined;
  const saysRoot = there === sha256(strict) || sshd.effective?.["permitrootlogin"] === "yes";
  const content = saysRoot ? strict : sshdConf({ root: false });
  const digest = sha256(content);
  const isWritten = there === digest;
  return {
    wanted: { content, digest },
    hasFile: found?.kind === "file",
    isWritten,
    isTold: isWritten && found?.kind === "file" && found.revision !== undefined && sshd.told === found.revision,
  };
}

export function sshdSteps(resource: string, host: DesiredBase, facts: Facts): readonly Step[] {
  const { sshd } = facts;
  if (!host.keysOnly || !sshd.readsDropIns) return [];
  const { wanted, hasFile, isTold } = compare(facts);
  if (isTold || sshd.refused === wanted.digest || sshd.pending.length > 0) return [];
  return [
    {
      id: `${host.name}/${resource}/sshd`,
      resource,
      host: host.name,
      stage: "services",
      ...noticing("none", [NOTICES.passwordsRefused()]),
      budget: { group: resource, atMost: 1, away: [] },
      change: { kind: "load-sshd", ...wanted },
      because: hasFile ? "what sshd was told is not what the spec asks for" : "sshd was not told so",
    },
  ];
}

/** Why it is not in force though the spec asks for it. */
export function tellSshd(host: DesiredBase, facts: Facts, found: HostFindings): void {
  const { sshd } = facts;
  if (!host.keysOnly) return;
  const { wanted, isWritten, isTold } = compare(facts);
  if (!sshd.readsDropIns)
    found.block(
      "SshdOverridden",
      "its /etc/ssh/sshd_config includes no files of /etc/ssh/sshd_config.d, where pgha's would stand",
      "Put Include /etc/ssh/sshd_config.d/*.conf at its top, as the distribution has it.",
    );
  else if (sshd.refused === wanted.digest)
    found.block(
      "SshdTakenBack",
      "sshd was told to take keys only, pgha could not come in by a new SSH connection, and the host took it back",
      `Look at how pgha logs in there. To have it tried once more, delete the file ${SSHD.refused} there.`,
    );
  else if (!isTold && sshd.pending.length > 0)
    found.block(
      "SshdPending",
      `${list(sshd.pending)} changed since sshd read it: told to reload now, it would take that up as well`,
      "Try that change with a second login at hand, and have sshd reload; or take it back. Then this goes on.",
    );
  else if (isWritten && !isStrict(sshd.effective))
    found.block(
      "SshdOverridden",
      "another file of sshd's comes before pgha's and says otherwise: " +
        Object.entries(sshd.effective ?? {})
          .map(([name, value]) => `${name} ${value}`)
          .join(", "),
      "Look in /etc/ssh for what comes before 00-pgha.conf, and take it out.",
    );
}

function isStrict(effective: BaseFacts["sshd"]["effective"]): boolean {
  return (
    effective?.["passwordauthentication"] === "no" &&
    effective["kbdinteractiveauthentication"] !== "yes" &&
    effective["permitrootlogin"] !== "yes"
  );
}
