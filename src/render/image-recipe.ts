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
  readonly extensions: readonly {
    /** As Debian's package of it is called behind the version. */
    readonly name: string;
    /** As PostgreSQL calls it. */
    readonly control: string;
  }[];
}

/** A Dockerfile, and what tells it from every other. */
export interface ImageRecipe {
  readonly dockerfile: string;
  readonly digest: string;
}

interface Ingredient {
  /** Debian package, from the sources that the base image has. */
  readonly package: string;
  /** Where a base has it that brings it along in another way. */
  readonly at?: string;
}

function ingredientsOf(of: RecipeOf): readonly Ingredient[] {
  if (of === "haproxy") return [{ package: "haproxy" }];
  // psql goes through it as a client does, to see whether it serves.
  if (of === "pgbouncer") return [{ package: "pgbouncer" }, { package: "postgresql-client" }];
  const { version, extensions } = of;
  const server = `postgresql-${version}`;
  return [
    { package: server, at: `/usr/lib/postgresql/${version}/bin/postgres` },
    ...extensions.map(({ name, control }) => ({
      package: `${server}-${name}`,
      at: `/usr/share/postgresql/${version}/extension/${control}.control`,
    })),
    { package: "patroni" },
    // The DCS encrypts with it. What else it takes comes from pgha, as on a host.
    { package: "python3-cryptography" },
  ];
}

/** What the base has already is not installed, where no version of it is asked for. */
function installing(of: RecipeOf, versions: Readonly<Record<string, string>>): readonly string[] {
  const lines = ingredientsOf(of).map(({ package: name, at }) => {
    const version = versions[name];
    if (version !== undefined) return `    set -- "$@" ${name}=${version}; \\`;
    return `    ${at === undefined ? "" : `[ -e ${at} ] || `}set -- "$@" ${name}; \\`;
  });
  return ["    set --; \\", ...lines, '    apt-get install -q -y --no-install-recommends "$@"; \\'];
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

/** Of a Debian package. */
const VERSION = /^[0-9][A-Za-z0-9.+~:-]{0,99}$/;

/** What may stand behind FROM: a name with a tag or a digest, or an id. */
const BASE = /^[a-z0-9][a-zA-Z0-9._/:@-]{0,254}$/;

/**
 * Image of a service, on a base of Debian's or Ubuntu's with apt, of these versions where they are named. Nothing is
 * started while it is built, and no list of packages is left in it.
 */
export function imageRecipe(of: RecipeOf, base: string, versions: Readonly<Record<string, string>> = {}): ImageRecipe {
  refuseFaults("the recipe of an image", [
    ["base", BASE.test(base) ? undefined : "it is no name of an image"],
    ...Object.entries(versions).map(([name, version]): [string, string | undefined] => [
      name,
      VERSION.test(version) ? undefined : "it is no version of a package",
    ]),
  ]);
  const lines = [
    `FROM ${base}`,
    "USER 0:0",
    "RUN set -eu; \\",
    "    [ -e /usr/sbin/policy-rc.d ] || \\",
    "      { printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; }; \\",
    "    export DEBIAN_FRONTEND=noninteractive; \\",
    "    apt-get update -q; \\",
    ...preparing(of),
    ...installing(of, versions),
    "    rm -rf /var/lib/apt/lists/* /var/cache/apt/*",
  ];
  const dockerfile = `${lines.join("\n")}\n`;
  return { dockerfile, digest: digest16(dockerfile) };
}
