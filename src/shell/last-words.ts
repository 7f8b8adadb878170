import type { SshTarget } from "./ssh-target.ts";

/** What PAM and sshd say of an account or a password that is too old. */
export const EXPIRED =
  /(?:account|password) (?:has |is )?expired|password change required|required to change your password/i;

/** How an account or a password that is too old is made good again. */
export function renewal({ name, user }: SshTarget): string {
  return `let the login be valid again, on ${name} as root: chage -E -1 -M -1 -d "$(date +%F)" ${user}`;
}

const SAID = 300;

/** Without colours and bells, the last of it in one line. */
export function lastWords(text: string): string {
  const plain = text
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|.)/g, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return plain.length > SAID ? `...${plain.slice(-SAID)}` : plain;
}
