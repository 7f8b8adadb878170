import { encodingFault } from "../api/index.ts";
import type { Look } from "../facts/fact.ts";
import type { InstalledFact } from "../facts/installed.ts";
import type { SystemFact } from "../facts/types.ts";
import { HostFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";
import { memoryFault } from "./memory.ts";
import type { Needed, NeededFile } from "./needed.ts";

interface MissingFacts {
  readonly installed?: InstalledFact | undefined;
  readonly packages: Readonly<Record<string, string | undefined>>;
  readonly system: Pick<SystemFact, "memoryMiB" | "swapMiB" | "hugePagesMiB">;
}

export interface MissingWish {
  readonly resource: string;
  readonly needed: Needed;
  readonly parameters: Readonly<Record<string, number | string>>;
  /** initdb's; looked at where a cluster is still to be made. */
  readonly encoding: string;
  readonly version: number;
  /** Members run in containers: what is not below the data volume is in their image. */
  readonly inImage?: boolean;
  /** Whether the running cluster has it already: a setting, an extension, or `locale`. */
  readonly isInForce: (name: string) => boolean;
}

type Looks = ReadonlyMap<string, Look<MissingFacts>>;

/**
 * What a spec names and a member has not. Nothing at all is done for something new; where it is in force already, the
 * one host that lacks it is left alone, since its server would not start or not serve.
 */
export function missingFindings(wish: MissingWish, looks: Looks): readonly Findings[] {
  return [...looks.values()].flatMap((look) => {
    if (!look.seen || look.facts.installed === undefined) return [];
    const { installed, packages, system } = look.facts;
    return [
      memoryFinding(wish, look.host, system),
      ...wish.needed.files
        .filter((file) => isMissing(file, look.facts))
        .map((file) => fileFinding(wish, look.host, file, packages)),
      ...[...wish.needed.locales].map(([locale, settings]) =>
        localeFinding(wish, look.host, locale, settings, installed),
      ),
    ];
  });
}

/** Settings that name what some member has not: they must not get to a server. */
export function settingsWithout(
  { needed, parameters, version }: Pick<MissingWish, "needed" | "parameters" | "version">,
  looks: Looks,
): ReadonlySet<string> {
  const seen = [...looks.values()].flatMap((look) => (look.seen ? [look.facts] : []));
  return new Set([
    ...seen.flatMap(({ system }) => memoryFault(parameters, version, system)?.setting ?? []),
    ...needed.files
      .filter((file) => seen.some((facts) => isMissing(file, facts)))
      .flatMap(({ setting }) => setting ?? []),
    ...[...needed.locales]
      .filter(([locale]) =>
        seen.some(({ installed }) => installed !== undefined && installed.charsets[locale] === undefined),
      )
      .flatMap(([, settings]) => settings),
  ]);
}

function memoryFinding(
  { resource, parameters, version, isInForce }: MissingWish,
  host: string,
  system: MissingFacts["system"],
): Findings {
  const fault = memoryFault(parameters, version, system);
  const isNew = fault !== undefined && !isInForce(fault.setting);
  const found = new HostFindings(resource, host, isNew ? "everything" : "disruptive");
  if (fault !== undefined) found.block("MemoryTooSmall", fault.why, fault.wayOut);
  return found;
}

function isMissing(file: NeededFile, { installed, packages }: Pick<MissingFacts, "installed" | "packages">): boolean {
  if (file.comesWith !== undefined && packages[file.comesWith] === undefined) return false;
  return installed !== undefined && file.paths.every((path) => installed.absent.includes(path));
}

function fileFinding(
  { resource, version, inImage, isInForce }: MissingWish,
  host: string,
  file: NeededFile,
  packages: MissingFacts["packages"],
): Findings {
  const isNew = !isInForce(file.setting ?? file.extension?.name ?? "");
  const found = new HostFindings(resource, host, isNew ? "everything" : "host");
  const { what, extension, setting } = file;
  const field =
    extension === undefined ? "spec.postgresql.parameters" : `spec.databases[].extensions of ${extension.database}`;
  const place = file.paths.at(-1) ?? "";
  found.block(
    extension === undefined ? "FileMissing" : "ExtensionUnavailable",
    `${holder(inImage)} has not ${what}${setting === undefined || what.includes(setting) ? "" : ` of ${setting}`}: ` +
      `there is no ${place}`,
    inImage === true
      ? `Name an image that has it, or correct ${field}.`
      : file.package === undefined && file.comesWith === undefined
        ? `Put it on ${host}, readable by postgres, or correct ${field}.`
        : installing(file, host, { field, isInstalled: packages[`postgresql-${version}`] !== undefined }),
  );
  return found;
}

function holder(inImage: boolean | undefined): string {
  return inImage === true ? "its image" : "it";
}

function installing(
  file: NeededFile,
  host: string,
  { field, isInstalled }: { readonly field: string; readonly isInstalled: boolean },
): string {
  if (file.package === undefined)
    return `The package ${file.comesWith ?? ""} is installed on ${host} and has lost it: install it again there.`;
  const install =
    `On ${host} as root: apt-get install -y --no-install-recommends ${file.package} (or whatever the ` +
    "package is called there)";
  return isInstalled
    ? `${install}. Or take it out of ${field}.`
    : `Take it out of ${field} until the cluster is there, since its package would bring a server that ` +
        `nobody asked for. Then: ${install}, and put it back.`;
}

function localeFinding(
  { resource, encoding, inImage, isInForce }: MissingWish,
  host: string,
  locale: string,
  settings: readonly string[],
  installed: InstalledFact,
): Findings {
  const found = new HostFindings(
    resource,
    host,
    settings.every((setting) => isInForce(setting)) ? "host" : "everything",
  );
  const charset = installed.charsets[locale];
  const fields = settings.map((setting) =>
    setting === "locale" ? "spec.postgresql.locale" : `spec.postgresql.parameters.${setting}`,
  );
  if (charset === undefined) {
    const others = installed.locales.slice(0, 10).join(", ");
    found.block(
      "LocaleMissing",
      `${holder(inImage)} has not the locale ${locale} of ${fields.join(" and ")}` +
        (others === "" ? "" : `; it has ${others}`),
      inImage === true
        ? "Name an image that has it, or write another one in the spec, such as C.UTF-8."
        : `On ${host} as root: apt-get install -y locales && echo '${lineOf(locale)}' >>/etc/locale.gen && ` +
            "locale-gen. Or write another one in the spec, such as C.UTF-8; /usr/share/i18n/SUPPORTED names all " +
            "that can be had.",
    );
  } else if (settings.includes("locale") && !isInForce("locale")) {
    const fault = encodingFault(encoding, charset);
    if (fault !== undefined)
      found.block("LocaleMissing", `the locale ${locale} ${fault.why}`, `In spec.postgresql: ${fault.wayOut}.`);
  }
  return found;
}

/** A line of /etc/locale.gen: `de_DE.UTF-8 UTF-8`. Names without a character set are what they always were. */
function lineOf(locale: string): string {
  const [, name = locale, charset, modifier = ""] = /^([^.@]+)(?:\.([^@]+))?(@.+)?$/.exec(locale) ?? [];
  if (charset === undefined) return `${locale} ${modifier === "@euro" ? "ISO-8859-15" : "ISO-8859-1"}`;
  if (/^utf-?8$/i.test(charset)) return `${name}.UTF-8${modifier} UTF-8`;
  return /^iso-?8859-?1$/i.test(charset) ? `${name} ISO-8859-1` : `${locale} ${charset}`;
}
