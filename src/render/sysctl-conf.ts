import type { DesiredSysctl } from "../desired/base-system.ts";
import { refuseFaults } from "./refusal.ts";

/**
 * A file for sysctl.d(5). The dash before each key: a key that a kernel does not have makes no boot fail.
 */
export function sysctlConf(path: string, settings: readonly DesiredSysctl[]): string {
  refuseFaults(
    path,
    settings.map(({ key, value }) => [key, faultOf(key, value)]),
  );
  return `${[HEADER, ...settings.map(({ key, value }) => `-${key} = ${value}`)].join("\n")}\n`;
}

const HEADER = "# Written by pgha, which brings it back when it is changed here: change the manifest instead.";

function faultOf(key: string, value: string): string | undefined {
  if (!/^[a-z0-9_-]+(?:[./][A-Za-z0-9_@:-]+)+$/.test(key)) return "is no key of a kernel setting";
  return /^[!-~](?:[ -~]*[!-~])?$/.test(value) ? undefined : "is not one line of plain ASCII";
}
