import type { Account } from "../credentials/index.ts";
import { sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/**
 * PATCH /config on a member's REST API (https://patroni.readthedocs.io/en/latest/rest_api.html#config-endpoint).
 * curl reads everything from its configuration on standard input, so the password is in no argument list.
 */
export function patchDynamicConfiguration(
  url: string,
  account: Account,
  patch: Readonly<Record<string, unknown>>,
): Command {
  const configuration = [
    `url = ${quoted(`${url}/config`)}`,
    `user = ${quoted(`${account.username}:${account.password.reveal()}`)}`,
    'request = "PATCH"',
    'header = "Content-Type: application/json"',
    `data-raw = ${quoted(JSON.stringify(patch))}`,
    "fail-with-body",
    "silent",
    "show-error",
    "max-time = 20",
  ].join("\n");
  return withStdin(sh`curl -q --config - --output /dev/null`, `${configuration}\n`);
}

/** curl's configuration file quoting: backslash escapes inside double quotes. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}"`;
}
