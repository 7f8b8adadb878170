import { PGDG_KEY, PGDG_KEY_FINGERPRINT } from "../desired/pgdg.ts";
import { digest16 } from "./digest.ts";
import { refuseFaults } from "./refusal.ts";

/** What is built into an image, by the service that it is for. */
export type RecipeOf = "haproxy" | "pgbouncer" | RecipeOfMembers;

/** Patroni and PostgreSQL. */
export interface RecipeOfMembers {
  /** Major version of PostgreSQL. */
  readonly version: number;
  readonly source: "distribution" | "pgdg";
  /** As Debian's packages of them are called behind the version. */
  readonly extensions: readonly string[];
}

/** A Dockerfile, and what tells it from every other. */
export interface ImageRecipe {
  readonly dockerfile: string;
  readonly digest: string;
}

/** Debian packages, from the sources that the base image has. */
function packagesOf(of: RecipeOf): readonly string[] {
  if (of === "haproxy") return ["haproxy"];
  // psql goes through it as a client does, to see whether it serves.
  if (of === "pgbouncer") return ["pgbouncer", "postgresql-client"];
  const server = `postgresql-${of.version}`;
  // The DCS encrypts with the last. What else it takes comes from pgha, as on a host.
  return [server, ...of.extensions.map((name) => `${server}-${name}`), "patroni", "python3-cryptography"];
}

/**
 * PGDG's source, where the base has none, with its key checked as on a host (src/changes/install-packages.ts); and no
 * cluster of Debian's own, which nobody needs in an image.
 */
function preparing(of: RecipeOf): readonly string[] {
  if (typeof of === "string") return [];
  return [
    "    mkdir -p /etc/postgresql-common/createcluster.d; \\",
    "    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/pgha.conf; \\",
    ...(of.source === "distribution"
      ? []
      : [
          "    . /etc/os-release; \\",
          "    if ! apt-get indextargets --no-release-info --format '$(RELEASE)' | grep -q -e -pgdg$; then \\",
          "      apt-get install -q -y --no-install-recommends postgresql-common ca-certificates gpg; \\",
          `      [ "$(gpg --show-keys --with-colons ${PGDG_KEY} | sed -n 's/^fpr:*\\([^:]*\\):.*/\\1/p')" = \\`,
          `        ${PGDG_KEY_FINGERPRINT} ]; \\`,
          `      echo "deb [signed-by=${PGDG_KEY}] https://apt.postgresql.org/pub/repos/apt" \\`,
          '        "$VERSION_CODENAME-pgdg main" \\',
          "        >/etc/apt/sources.list.d/pgdg.list; \\",
          "      apt-get update -q; \\",
          "    fi; \\",
        ]),
  ];
}

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
    ...preparing(of),
    `    apt-get install -q -y --no-install-recommends ${packagesOf(of).join(" ")}; \\`,
    "    rm -rf /var/lib/apt/lists/* /var/cache/apt/*",
  ];
  const dockerfile = `${lines.join("\n")}\n`;
  return { dockerfile, digest: digest16(dockerfile) };
}
