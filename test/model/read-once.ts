import { createHash } from "node:crypto";
import { load } from "js-yaml";

/** A function of a text that is asked the same thousands of times: worlds differ in few of their files. */
function oncePerText<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const fresh = make(text);
    made.set(text, fresh);
    return fresh;
  };
}

/** To be read only: all that ask share it. */
export const readYaml = oncePerText((text) => load(text));

export const sha256Of = oncePerText((text) => createHash("sha256").update(text).digest("hex"));
