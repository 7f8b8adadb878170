import { isIP } from "node:net";
import { canonicalAddress, networkOf } from "../addresses.ts";
import type { HbaField } from "./fields.ts";

/** Whom a line is about, as PostgreSQL shows it in pg_hba_file_rules. */
export type HbaAddress =
  | { readonly kind: "keyword"; readonly address: "all" | "samehost" | "samenet" }
  | { readonly kind: "name"; readonly address: string }
  | { readonly kind: "network"; readonly address: string; readonly mask: string; readonly written: string };

type Read = { readonly address: HbaAddress; readonly taken: number } | { readonly fault: string };

/** Reads an address and, where one is due, the mask in the field behind it. */
export function readAddress([field, maskField]: readonly (HbaField | undefined)[]): Read {
  const [word, ...more] = field ?? [];
  if (word === undefined) return { fault: "ends before the address" };
  if (more.length > 0) return { fault: "has several addresses; write a line for each" };
  const { text, quoted } = word;
  if (!quoted && (text === "all" || text === "samehost" || text === "samenet"))
    return { address: { kind: "keyword", address: text }, taken: 1 };
  const slash = text.indexOf("/");
  const literal = slash < 0 ? text : text.slice(0, slash);
  const family = isIP(literal);
  if (literal.includes("%"))
    return { fault: `has a zone in the address ${text}, which means something on one host only` };
  if (family === 0) return readName(literal, slash >= 0, text);
  if (slash >= 0) {
    const bits = text.slice(slash + 1);
    const most = family === 4 ? 32 : 128;
    if (!/^[0-9]+$/.test(bits) || Number(bits) > most)
      return { fault: `has the address ${text}, whose length must be a number from 0 to ${most}` };
    return network(literal, maskOf(family, Number(bits)), text, 1);
  }
  const [mask, ...moreMasks] = maskField ?? [];
  if (mask === undefined || isIP(mask.text) === 0)
    return {
      fault:
        `has the address ${literal} without a length or mask; ${literal}/${family === 4 ? 32 : 128} is ` +
        "that host alone",
    };
  if (moreMasks.length > 0) return { fault: "has several masks" };
  if (isIP(mask.text) !== family)
    return { fault: `has the address ${literal} and the mask ${mask.text} of different families` };
  return network(literal, canonicalAddress(mask.text), `${literal} ${mask.text}`, 2);
}

/** A name has letters: what consists of numbers, or has a colon, is an address that went wrong. */
function readName(name: string, hasLength: boolean, text: string): Read {
  if (!/^\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(name) || /^[0-9.]+$/.test(name))
    return { fault: `has ${JSON.stringify(text)} where an address, a host name, all, samehost or samenet is expected` };
  return hasLength
    ? { fault: `has the host name ${name} with a length, which only addresses have` }
    : { address: { kind: "name", address: name.toLowerCase() }, taken: 1 };
}

function network(address: string, mask: string, written: string, taken: number): Read {
  return { address: { kind: "network", address: canonicalAddress(address), mask, written }, taken };
}

/** The network's address where the one that was written is inside of it; undefined where it is the same. */
export function networkBehind({ address, mask }: HbaAddress & { readonly kind: "network" }): string | undefined {
  const bits = lengthOf(mask);
  if (bits === undefined) return undefined;
  const first = networkOf(address, bits);
  return first === address ? undefined : `${first}/${bits}`;
}

function maskOf(family: number, bits: number): string {
  return networkOf(family === 4 ? "255.255.255.255" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", bits);
}

/** All masks there are, as networkOf writes them. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  [32, 128].flatMap((most) =>
    Array.from({ length: most + 1 }, (_, bits) => [maskOf(most === 32 ? 4 : 6, bits), bits] as const),
  ),
);

/** How long a mask is; undefined for one with holes. */
export function lengthOf(mask: string): number | undefined {
  return LENGTHS.get(mask);
}

/** Whether every address of `inner` is one of `outer`. Names are never known to be. */
export function covers(outer: HbaAddress, inner: HbaAddress): boolean {
  if (outer.kind === "keyword")
    return outer.address === "all" || (inner.kind === "keyword" && inner.address === outer.address);
  if (outer.kind === "name" || inner.kind === "name")
    return inner.kind === outer.kind && inner.address === outer.address;
  if (inner.kind === "keyword" || isIP(outer.address) !== isIP(inner.address)) return false;
  const [wide, narrow] = [lengthOf(outer.mask), lengthOf(inner.mask)];
  return (
    wide !== undefined &&
    narrow !== undefined &&
    wide <= narrow &&
    networkOf(inner.address, wide) === networkOf(outer.address, wide)
  );
}
