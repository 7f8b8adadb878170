import { randomInt } from "node:crypto";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters and digits are 190 bits. */
const LENGTH = 32;

/** A new password of letters and digits only, which mean nothing special in a URL, an ini file, YAML or SQL. */
export function generatePassword(): Sensitive {
  return sensitive(Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join(""));
}
