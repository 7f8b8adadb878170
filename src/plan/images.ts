import type { BuildImage } from "../changes/build-image.ts";
import { shortId } from "../desired/image.ts";
import type { DesiredImage } from "../desired/image.ts";
import { ENGINE } from "../desired/services.ts";
import type { EngineFact } from "../facts/systemd/engine.ts";
import { engineFindings } from "./engine.ts";
import { HostFindings, mergeFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";
import type { Blocker, Step } from "./plan.ts";

/** What a host is to have in images, and what it has. */
export interface ImagesOnHost {
  readonly host: string;
  readonly images: readonly DesiredImage[];
  /** What is to be built there. */
  readonly build?: BuildImage;
  readonly isPresent: (id: string) => boolean;
  readonly engine: EngineFact;
}

export interface ImagesPlan extends Findings {
  readonly steps: readonly Step[];
}

/** An image takes its room twice while it is loaded: as it comes, and unpacked. */
const ROOM_WHILE_LOADING = 2;
const ROOM_LEFT_MIB = 256;

/** What it runs as, and with which version, is asked of the image. */
const REST = "what it runs is planned once it is";

/** Steps that bring the engine and images to hosts, and what stands in their way. No service notices any of them. */
export function planImages(resource: string, scope: Blocker["scope"], hosts: readonly ImagesOnHost[]): ImagesPlan {
  const plans = hosts.map((host) => planHostImages(resource, scope, host));
  return { steps: plans.flatMap(({ steps }) => steps), ...mergeFindings(plans) };
}

function planHostImages(resource: string, scope: Blocker["scope"], on: ImagesOnHost): ImagesPlan {
  const { host, images, engine, isPresent } = on;
  const found = new HostFindings(resource, host, scope);
  const step = (what: string, change: Step["change"], because: string): Step => ({
    id: `${host}/${resource}/${what}`,
    resource,
    host,
    stage: "prepare",
    change,
    because,
    impact: "none",
  });
  const ended = (steps: readonly Step[] = []): ImagesPlan => ({ steps, ...mergeFindings([found]) });
  if (!engine.answers) {
    const change = changeFor(engine);
    if (change !== undefined) return ended([step("engine", change.change, change.because)]);
    missingEngine(engine, found);
    return ended();
  }
  engineFindings(engine, found);
  const missing = images.filter(({ id }) => !isPresent(id));
  for (const { title, id, archive, isPulled } of missing) {
    if (isPulled === true) continue;
    if (archive === undefined)
      found.block(
        "ImageMissing",
        `the image of ${title}, ${shortId(id)}, is not there`,
        `Load it there (docker load), or name a file of it in spec.container.image.archive, which pgha brings.`,
      );
    else if (archive.architecture !== engine.architecture)
      found.block(
        "ImageUnfit",
        `the image of ${title} is for ${archive.architecture}, and the host is ${engine.architecture}`,
        "Name one that was made for that machine.",
      );
  }
  const coming = missing.flatMap(({ title, archive }) => (archive === undefined ? [] : [{ title, archive }]));
  const roomMiB = Math.ceil(coming.reduce((sum, { archive }) => sum + archive.bytes, 0) / 2 ** 20) * ROOM_WHILE_LOADING;
  if (engine.freeMiB !== undefined && engine.freeMiB < roomMiB + ROOM_LEFT_MIB) {
    const said = `${engine.root} has ${engine.freeMiB} MiB free`;
    const wayOut = "See what takes it with docker system df; pgha removes no image and no container of anybody's.";
    if (coming.length > 0)
      found.block("DiskFull", `${said}, and the images that are to come want ${roomMiB + ROOM_LEFT_MIB}`, wayOut);
    else found.warn("DiskFull", `${said}. ${wayOut}`);
  }
  if (found.blockers.length > 0) return ended();
  return ended([
    ...(on.build === undefined ? [] : [step("build", on.build, `it was not built yet; ${REST}`)]),
    ...coming.map(({ title, archive }) =>
      step(`image ${shortId(archive.id)}`, { kind: "load-image", title, archive }, `it is not there; ${REST}`),
    ),
    ...missing
      .filter(({ isPulled }) => isPulled === true)
      .map(({ title, id }) =>
        step(`image ${shortId(id)}`, { kind: "pull-image", title, reference: id }, `it is not there; ${REST}`),
      ),
  ]);
}

type Silent = Extract<EngineFact, { answers: false }>;

/** What brings an engine up, where that is nobody's decision but pgha's. */
function changeFor(engine: Silent): { readonly change: Step["change"]; readonly because: string } | undefined {
  const { why, loadState, activeState } = engine;
  if (loadState === "not-found" && why === "absent")
    return { change: { kind: "install-engine" }, because: `there is no Docker on the host; ${REST}` };
  if (loadState === "loaded" && (activeState === "inactive" || activeState === "failed"))
    return { change: { kind: "start-unit", unit: ENGINE.unit }, because: `it is ${activeState}` };
  return undefined;
}

function missingEngine({ loadState, activeState }: Silent, found: HostFindings): void {
  if (loadState === "masked")
    found.block("EngineMissing", `${ENGINE.unit} is masked`, `Unmask it: systemctl unmask ${ENGINE.unit}.`);
  else
    found.block(
      "EngineMissing",
      `${ENGINE.title} does not answer at ${ENGINE.socket}; ${ENGINE.unit} is ` +
        (loadState === "not-found" ? "not there" : activeState),
      loadState === "not-found"
        ? `See who made ${ENGINE.socket}, and take it away if nobody has a use for it: pgha then installs Docker.`
        : `See what it says: journalctl -u ${ENGINE.unit}.`,
    );
}
