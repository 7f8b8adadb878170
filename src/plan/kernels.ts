import type { KernelsFact } from "../facts/kernels.ts";

/** Why a host has to be rebooted before it runs what is installed on it; undefined where it does. */
export function whyReboot({ running, installed, isAsked, isContainer }: KernelsFact): string | undefined {
  const { flavour } = partsOf(running);
  const [newest] = installed
    .filter((one) => partsOf(one).flavour === flavour)
    .toSorted((one, other) => compare(other, one));
  if (!isContainer && newest !== undefined && compare(newest, running) > 0)
    return `it runs the kernel ${running}, and ${newest} is installed`;
  return isAsked ? "a package that was installed asks for it (/run/reboot-required)" : undefined;
}

/** `6.12.9-1-cloud-amd64` is of the flavour `cloud-amd64`: what comes after the last number between dashes. */
function partsOf(release: string): { readonly numbers: readonly number[]; readonly flavour: string } {
  const [, version = "", flavour = ""] = /^([0-9][0-9.]*(?:[-+~][0-9][^-]*)*)-?(.*)$/.exec(release) ?? [];
  return { numbers: (version.match(/[0-9]+/g) ?? []).map(Number), flavour };
}

function compare(one: string, other: string): number {
  const [left, right] = [partsOf(one).numbers, partsOf(other).numbers];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
