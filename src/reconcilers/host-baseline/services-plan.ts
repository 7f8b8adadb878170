import { NO_FILE } from "../../desired/base-services.ts";
import type { HostFindings } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import type { Step } from "../../plan/plan.ts";
import { sha256 } from "../../render/digest.ts";
import { fileOf } from "./base-host.ts";
import type { ToldService } from "./base-host.ts";
import type { BaseFacts } from "./observe.ts";

type Facts = Pick<BaseFacts, "services" | "paths">;

/**
 * Writes the file of each, and has each read it: where it does not run, and where the file is another than it was told
 * of, changed and changed back among that.
 */
export function serviceSteps(
  resource: string,
  host: string,
  told: readonly ToldService[],
  facts: Facts,
): readonly Step[] {
  const files = told.flatMap(fileOf);
  const written = planHost(
    resource,
    { host, packages: { names: [], services: {}, source: "distribution" }, ...NOTHING, files },
    { ...NO_FACTS, paths: facts.paths, digests: new Map(files.map(({ path, content }) => [path, sha256(content)])) },
  );
  // What is about to be written has been read by nobody, be it but its mode that is put right.
  const isWritten = ({ of }: ToldService): boolean =>
    written.some(({ change }) => change.kind === "write-file" && change.file.path === of.file);
  return [
    ...written,
    ...told.flatMap((one) =>
      tellStep(resource, host, one, { ...facts, isRead: !isWritten(one) && hasRead(one, facts) }),
    ),
  ];
}

const NOTHING = { artifacts: [], directories: [], services: [], masked: [] } as const;
const NO_FACTS = { packages: {}, artifacts: {}, units: {} } as const;

function tellStep(
  resource: string,
  host: string,
  { of, mustRun }: ToldService,
  { services, isRead }: Facts & { readonly isRead: boolean },
): readonly Step[] {
  const found = services[of.unit];
  if (found?.isMasked === true) return [];
  const isActive = found?.isActive === true;
  const enable = mustRun && found?.isEnabled !== true;
  const because = [
    ...(mustRun && !isActive ? ["it does not run"] : []),
    ...(enable ? ["it does not come up with the host"] : []),
    ...(isRead ? [] : ["it has not read its file as it is now"]),
  ];
  if (because.length === 0) return [];
  return [
    {
      id: `${host}/${resource}/${of.unit}`,
      resource,
      host,
      stage: "services",
      impact: "none",
      change: { kind: "tell-service", service: of, isActive, enable },
      because: because.join(", "),
    },
  ];
}

/** Which services somebody does not want at all, though the spec asks for them. */
export function tellMasked(told: readonly ToldService[], { services }: Pick<Facts, "services">, found: HostFindings) {
  for (const { of, mustRun } of told)
    if (mustRun && services[of.unit]?.isMasked === true)
      found.block(
        "ServiceMasked",
        `${of.title} is to run there, and somebody masked it`,
        `Unmask it (systemctl unmask ${of.unit}), or leave it out of the spec for this host.`,
      );
}

/** Whether the file is right, and is the one that it was last told to read. */
export function hasRead({ of, content }: ToldService, { services, paths }: Facts): boolean {
  const told = services[of.unit]?.told;
  const file = of.file === undefined ? undefined : paths[of.file];
  // Whoever was never told has none of ours to forget.
  if (content === undefined) return told === undefined || told === NO_FILE;
  return file?.kind === "file" && file.sha256 === sha256(content) && told !== undefined && told === file.revision;
}
