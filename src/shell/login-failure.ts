import { HostUnreachableError } from "../errors.ts";
import { EXIT_BY_GREETING } from "./exec-line.ts";
import { EXPIRED, lastWords, renewal } from "./last-words.ts";
import { privilegeFailure } from "./ssh-failure.ts";
import { nameOf } from "./ssh-target.ts";
import type { SshTarget } from "./ssh-target.ts";

/** What came of a login that was to start a command and did not. */
export type LoginTrouble =
  /** It is on a terminal, which prints back what it is sent. */
  | { readonly kind: "terminal" }
  /** It prints back what it is sent, by some other way. */
  | { readonly kind: "echo" }
  | { readonly kind: "silent"; readonly afterMs: number }
  | { readonly kind: "ended"; readonly exitCode: number };

/**
 * Why a command did not begin, as the error a person acts on. Nothing that matters was sent, so what was heard may be
 * quoted.
 */
export function loginFailure(
  target: SshTarget,
  heard: { readonly stdout: string; readonly stderr: string },
  trouble: LoginTrouble,
): HostUnreachableError {
  const refusal = target.become === "sudo" && trouble.kind === "ended" ? sudoRefusal(decoded(heard.stderr)) : undefined;
  if (refusal !== undefined) return privilegeFailure(target, refusal);
  const user = `${target.user} on ${nameOf(target)}`;
  const said = lastWords(decoded(heard.stderr)) || lastWords(decoded(heard.stdout));
  const quoted = said === "" ? "it said nothing" : `it said: ${said.replace(/[.]+$/, "")}`;
  const look =
    `log in there as ${target.user} and look at what runs first: its login shell (getent passwd ` +
    `${target.user}), .bashrc, .profile, .zshenv, .cshrc, config.fish, /etc/ssh/sshrc, ForceCommand in ` +
    "sshd_config, command= in authorized_keys";
  switch (trouble.kind) {
    case "terminal":
      return failure(
        `the login of ${user} puts commands on a terminal, which prints back what it is sent, passwords too`,
        `take away what does so (script, tmux, expect and their like); ${look}`,
      );
    case "echo":
      return failure(
        `the login of ${user} prints back what it is sent, passwords too`,
        `take away what does so (tee, cat and their like); ${look}`,
      );
    case "silent":
      return failure(
        `the login of ${user} did not begin the command within ${trouble.afterMs / 1000} s; ${quoted}`,
        `a line such as "exec fish" in a start-up file, which puts another shell in the command's place, or ` +
          `a question that waits for an answer are usual causes: ${look}`,
      );
    case "ended":
      return trouble.exitCode === EXIT_BY_GREETING
        ? failure(
            `the login of ${user} runs another shell in the place of the command; ${quoted}`,
            `take away the line that does so ("exec zsh" and its like), or let it do so only where there is ` +
              `a terminal: [ -t 0 ] && exec zsh; ${look}`,
          )
        : failure(
            `the login of ${user} does not run commands: it ended with exit code ${trouble.exitCode}; ${quoted}`,
            EXPIRED.test(said)
              ? renewal(target)
              : `give the user a login shell that runs commands, on ${target.name} as root: usermod -s ` +
                  `/bin/bash ${target.user}; if it has one, ${look}`,
          );
  }

  function failure(message: string, wayOut: string): HostUnreachableError {
    return new HostUnreachableError(target.name, message, { reason: "LoginShellUnusable", wayOut });
  }
}

const COMPLAINTS = new RegExp(
  `^(?:${[
    "sudo: .+",
    "Sorry, user .+",
    ".+ is not (?:allowed|in the sudoers file).*",
    String.raw`.*env: \W?sudo\W?: .+`,
    String.raw`env: \W?timeout\W?: Permission denied`,
  ].join("|")})$`,
  "gm",
);

/** sudo's own complaint, when it was sudo that refused. That it cannot resolve the host's name is none: it goes on. */
function sudoRefusal(stderr: string): string | undefined {
  return [...stderr.matchAll(COMPLAINTS)]
    .map(([line]) => line)
    .findLast((line) => !/unable to resolve host|a terminal is required to read/.test(line));
}

function decoded(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
