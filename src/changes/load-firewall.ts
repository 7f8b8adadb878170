import { FIREWALL } from "../desired/services.ts";
import { script, sh, withInput } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { enableForBoot } from "./systemd.ts";
import { beginTrial, endTrial, TRIAL_WORDS } from "./trial.ts";

export interface LoadFirewall {
  readonly kind: "load-firewall";
  readonly content: string;
  /** SHA-256 of the content. */
  readonly digest: string;
  readonly isFirst: boolean;
}

export const loadFirewall: HostChangeKind<LoadFirewall> = {
  kind: "load-firewall",
  describe: ({ isFirst }) =>
    `${isFirst ? "load pgha's table of nftables" : "load pgha's table of nftables anew"}; ${TRIAL_WORDS}`,
  target: () => FIREWALL.ruleset,
  action: ({ isFirst }) => (isFirst ? "create" : "change"),
  event: "FirewallLoaded",
  undoneBy: "nobody",
  undoneElsewhere: "Something else empties the tables of nftables there. Look for a reload of nftables.service.",
  command: load,
  confirm: ({ digest }) => confirm(digest),
};

const MADE = `${FIREWALL.loaded}.pgha-new`;
const CANDIDATE = `${FIREWALL.ruleset}.pgha-new`;

/**
 * Loads the new table, and before that sets the host to take it back by itself: whoever is cut off can do nothing about
 * it. What was tried and taken back is noted, so that the same is not tried again and again.
 */
function load({ content, digest }: LoadFirewall): Command {
  const back = [
    `if [ -f ${FIREWALL.ruleset} ]; then nft -f ${FIREWALL.ruleset}; else nft delete table inet pgha; fi`,
    `echo ${digest} >${FIREWALL.refused}`,
    `rm -f ${CANDIDATE} ${MADE}`,
  ];
  return withInput(
    script([
      sh`mkdir -p ${FIREWALL.folder}`,
      sh`cat >${CANDIDATE}`,
      sh`nft -c -f ${CANDIDATE}`,
      beginTrial(FIREWALL.trial, back),
      sh`nft -f ${CANDIDATE}`,
      // What the kernel makes of these rules, each time that they are loaded: noted by pgha alone, never at a boot.
      sh`made=$(nft -s list table inet pgha | sha256sum)`,
      sh`printf '%s %s\n' ${digest} "\${made%% *}" >${MADE}`,
    ]),
    content,
  );
}

/** Ends the trial, and keeps the new table for the next boot. */
function confirm(digest: string): Command {
  return script([
    endTrial(FIREWALL.trial),
    sh`[ "$(sha256sum <${CANDIDATE})" = ${`${digest}  -`} ] || { echo 'another ruleset is being tried' >&2; exit 1; }`,
    sh`sync ${CANDIDATE}; mv -T -f ${CANDIDATE} ${FIREWALL.ruleset}; rm -f ${FIREWALL.refused}`,
    sh`mv -T -f ${MADE} ${FIREWALL.loaded}`,
    sh`sync ${FIREWALL.folder}`,
    enableForBoot(FIREWALL.unit),
  ]);
}
