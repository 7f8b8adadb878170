import { HostAccessError, HostKeyError, HostUnreachableError, PghaError } from "../errors.ts";
import { algorithmsFor, fingerprint, formatHostKey } from "./host-key.ts";
import type { HostKey } from "./host-key.ts";
import { EXPIRED, lastWords, renewal } from "./last-words.ts";
import { OutputReader } from "./output-reader.ts";
import { quoteWord } from "./quoting.ts";
import { publicKeyFingerprint } from "./private-key.ts";
import { nameOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh-target.ts";

/** Why a host could not be connected to, as the error a person or the operator acts on. */
export function connectFailure(target: SshTarget, cause: Error, relaySaid?: string): HostUnreachableError {
  if (isAuthenticationFailure(cause)) {
    const key = publicKeyFingerprint(target.privateKey) ?? "given";
    return new HostAccessError(
      target.name,
      `${nameOf(target)} does not accept the key ${key} for user ${target.user}`,
      {
        reason: "AuthenticationFailed",
        wayOut:
          `put the public half of that key into ~${target.user}/.ssh/authorized_keys on ${target.name}; ` +
          "if it is there, look at PermitRootLogin, AllowUsers and the sshd log",
        cause,
      },
    );
  }
  const through = target.bastion === undefined ? "" : ` through ${nameOf(target.bastion.target)}`;
  const relay = relaySaid === undefined || relaySaid === "" ? "" : `; the relay said: ${relaySaid}`;
  return new HostUnreachableError(
    target.name,
    `${nameOf(target)} cannot be reached${through}: ${inWords(target, cause)}${relay}`,
    {
      wayOut: "check that the machine is up, that the address and port are right, and that a firewall lets SSH through",
      cause,
    },
  );
}

/**
 * It let the connection come about and ended it during the login, without a word on the key: that is how an account is
 * turned away that PAM does not let in. Of a host that boots or is being worked on this passes; of an account that is
 * too old it does not.
 */
export function loginRefused(target: SshTarget, cause: Error, banner: string): HostUnreachableError {
  const said = lastWords(banner);
  const why =
    `${nameOf(target)} ends the connection during the login of ${target.user}; ` +
    `${said === "" ? "it said nothing" : `it said: ${said.replace(/[.]+$/, "")}`}`;
  return EXPIRED.test(said)
    ? new HostAccessError(target.name, why, { reason: "AuthenticationFailed", wayOut: renewal(target), cause })
    : new HostUnreachableError(target.name, why, {
        wayOut:
          "usual causes are /etc/nologin (it boots, or somebody works on it), an account that has " +
          `expired, pam_access and pam_time; on ${target.name} as root: journalctl -u ssh -n 20`,
        cause,
      });
}

/** The other side closed the connection while it was expected to go on. */
export function isHangUp(error: Error): boolean {
  return (
    /^(?:No response from server|Connection lost before handshake)/.test(error.message) ||
    codeOf(error) === "ECONNRESET"
  );
}

/** The connection ended while something ran: nobody knows how far it came, which matters to what changes something. */
export function lostConnection(
  target: SshTarget,
  cause: Error | undefined,
  changesNothing?: true,
): HostUnreachableError {
  const why = cause === undefined ? "the host closed it" : inWords(target, cause);
  return new HostUnreachableError(
    target.name,
    `lost the connection to ${nameOf(target)}: ` +
      `${why}${changesNothing === true ? "" : "; the outcome of the command is unknown"}`,
    { cause },
  );
}

/** A command prints without end. */
export function tooMuchOutput(target: SshTarget): PghaError {
  return new PghaError(
    `a command on ${nameOf(target)} printed more than ${OutputReader.limitBytes / 1024 / 1024} MiB`,
    { reason: "OutputTooLarge", retry: "backoff" },
  );
}

/** The host showed a key that is not among the pinned ones, or (`seen` undefined) none of a pinned type. */
export function hostKeyFailure(target: SshTarget, pinned: readonly HostKey[], seen: HostKey | undefined): HostKeyError {
  const shown = seen === undefined ? "no key of a type pgha knows" : `${seen.type} ${fingerprint(seen.blob)}`;
  const details = seen === undefined ? {} : { seenFingerprint: fingerprint(seen.blob), seenKey: formatHostKey(seen) };
  const compare =
    `on ${target.name} itself (by its console) run: for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen ` +
    "-lf $f; done";
  if (pinned.length === 0) {
    return new HostKeyError(target.name, `${nameOf(target)} has no pinned host key; it shows ${shown}`, {
      ...details,
      reason: "HostKeyUnknown",
      wayOut: `${compare}; when the fingerprint is the same, set hostKey to the key`,
    });
  }
  const expected = pinned.map((key) => `${key.type} ${fingerprint(key.blob)}`).join(" or ");
  return new HostKeyError(
    target.name,
    `the host key of ${nameOf(target)} changed: it shows ${shown}, expected was ${expected}`,
    {
      ...details,
      reason: "HostKeyChanged",
      wayOut:
        `was the machine rebuilt? If nobody knows, somebody may be in between. ${compare}; when the ` +
        "fingerprint is the same, set hostKey to the new key",
    },
  );
}

/** The handshake failed because the host has no key of the types we offered to accept. */
export function isNoCommonHostKey(error: Error): boolean {
  return error.message.includes("no matching host key format");
}

/**
 * sudo itself refused: it wants a password or a terminal, or the user may not use it. What is named mends each of
 * these; the file is read last of all in its folder, since the last rule that fits is the one that counts (sudoers(5)).
 */
export function privilegeFailure(target: SshTarget, said: string): HostAccessError {
  const user = target.user.replaceAll(/[!=:,()\\ @]/g, (mark) => `\\${mark}`);
  const rules = [`Defaults:${user} !requiretty`, `${user} ALL=(ALL) NOPASSWD:EXEC: ALL`];
  return new HostAccessError(target.name, `user ${target.user} cannot become root on ${nameOf(target)}: ${said}`, {
    reason: "PrivilegeMissing",
    wayOut: /env: \W?sudo/.test(said)
      ? `install it on ${target.name}, as root: apt-get install sudo; then allow it: ${allow(rules)}`
      : `on ${target.name}, as root: ${allow(rules)}; if it is still refused, /etc/sudoers does not read ` +
        `/etc/sudoers.d, or something in it comes later: sudo -l -U ${quoteWord(target.user)} shows what counts`,
  });
}

function allow(rules: readonly string[]): string {
  return (
    `printf '%s\\n' ${rules.map(quoteWord).join(" ")} > /etc/sudoers.d/zz-pgha && chmod 0440 ` +
    "/etc/sudoers.d/zz-pgha && visudo -c"
  );
}

function isAuthenticationFailure(error: Error): boolean {
  return levelOf(error) === "client-authentication" || error.message.includes("Too many authentication failures");
}

function inWords(target: SshTarget, error: Error): string {
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused: nothing listens on that port";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `no route to host (${code})`;
    case "ETIMEDOUT":
      return "no answer (ETIMEDOUT)";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name cannot be resolved (${code})`;
    case "ECONNRESET":
    case "EPIPE":
      return `the connection was reset (${code})`;
    default:
      return fromMessage(target, error.message);
  }
}

function fromMessage(target: SshTarget, message: string): string {
  if (message.startsWith("Timed out while waiting for handshake")) {
    return `no answer within ${target.connectTimeoutMs / 1000} s`;
  }
  if (message.startsWith("Keepalive timeout")) {
    return "the host stopped answering (keepalive timeout)";
  }
  if (message.startsWith("Connection lost before handshake") || message.startsWith("No response from server")) {
    return "it closed the connection without a word (MaxStartups or a penalty for failed logins, or no SSH server)";
  }
  if (isNoCommonHostKey(new Error(message))) {
    return `it has no host key of type ${algorithmsFor([]).join(", ")}`;
  }
  return message;
}

/** ssh2 marks its errors with the layer they came from. */
function levelOf(error: Error): string | undefined {
  return "level" in error && typeof error.level === "string" ? error.level : undefined;
}

/** The system's error code, e.g. ECONNREFUSED; empty when it has none. */
function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
