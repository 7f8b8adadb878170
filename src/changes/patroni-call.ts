import type { Account } from "../credentials/index.ts";
import { sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** One request that changes something, to a member's REST API. */
export interface PatroniCall {
  readonly method: "PATCH" | "POST";
  /** With the path, http://10.0.0.1:8008/config. */
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly maxSeconds: number;
}

/**
 * Asks Patroni's REST API for a change (https://patroni.readthedocs.io/en/latest/rest_api.html). curl reads everything
 * from its configuration on standard input, so the password is in no argument list. Any answer but 2xx is a failure, in
 * Patroni's words.
 */
export function callPatroni(call: PatroniCall, account: Account): Command {
  return withStdin(sh`curl -q --config -`, patroniRequest(call, account));
}

/** The same for a command that goes by the answer: what curl is to read on standard input. */
export function patroniRequest({ method, url, body, maxSeconds }: PatroniCall, account: Account): string {
  return `${[
    `url = ${quoted(url)}`,
    `user = ${quoted(`${account.username}:${account.password.reveal()}`)}`,
    `request = "${method}"`,
    'header = "Content-Type: application/json"',
    `data-raw = ${quoted(JSON.stringify(body))}`,
    "fail-with-body",
    "silent",
    "show-error",
    `max-time = ${maxSeconds}`,
  ].join("\n")}\n`;
}

/** curl's configuration file quoting: backslash escapes inside double quotes. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
