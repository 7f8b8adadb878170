import { digest16 } from "./digest.ts";
import { refuseFaults } from "./refusal.ts";

/** What is built into an image, by the service that it is for. */
export type RecipeOf = "haproxy" | "pgbouncer";

/** A Dockerfile, and what tells it from every other. */
export interface ImageRecipe {
  readonly dockerfile: string;
  readonly digest: string;
}

/** Debian packages, from the sources that the base image has. */
const PACKAGES: Readonly<Record<RecipeOf, string>> = {
  haproxy: "haproxy",
  // psql goes through it as a client does, to see whether it serves.
  pgbouncer: "pgbouncer postgresql-client",
};

/** What may stand behind FROM: a name with a tag or a digest, or an id. */
const BASE = /^[a-z0-9][a-zA-Z0-9._/:@-]{0,254}$/;

/**
 * Image of a service, on a base of Debian's or Ubuntu's with apt. Nothing is started while it is built, and no list of
 * packages is left in it.
 */
export function imageRecipe(of: RecipeOf, base: string): ImageRecipe {
  refuseFaults("the recipe of an image", [["base", BASE.test(base) ? undefined : "it is no name of an image"]]);
  const lines = [
    `FROM ${base}`,
    "USER 0:0",
    "RUN set -eu; \\",
    "    [ -e /usr/sbin/policy-rc.d ] || \\",
    "      { printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; }; \\",
    "    export DEBIAN_FRONTEND=noninteractive; \\",
    "    apt-get update -q; \\",
    `    apt-get install -q -y --no-install-recommends ${PACKAGES[of]}; \\`,
    "    rm -rf /var/lib/apt/lists/* /var/cache/apt/*",
  ];
  const dockerfile = `${lines.join("\n")}\n`;
  return { dockerfile, digest: digest16(dockerfile) };
}
