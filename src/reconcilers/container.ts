import type { ServiceResource } from "../api/index.ts";
import type { DesiredContainer } from "../desired/container.ts";
import { shortId } from "../desired/image.ts";
import type { ContainerNames } from "../desired/services.ts";
import type { FactSet } from "../facts/fact.ts";
import { imageFact } from "../facts/image.ts";
import type { ImageFact } from "../facts/image.ts";
import type { UnitFact } from "../facts/types.ts";
import { containerFindings } from "../plan/container.ts";
import { NO_FINDINGS } from "../plan/findings.ts";
import type { Findings } from "../plan/findings.ts";
import { noticing } from "../plan/notices.ts";
import type { Notice } from "../plan/notices.ts";
import type { Blocker, Step } from "../plan/plan.ts";
import type { Context } from "./reconciler.ts";
import { nameOf } from "./stack.ts";

/** What is known of the image of a service; there with runtime container alone. */
export interface WithImage {
  readonly image?: ImageFact;
}

/** What a service is to run on: a host as it is, or a container of an image with this content id. */
export type WantedGround =
  | "host"
  | {
      /** Content id, or a name with a digest. */
      readonly image: string;
      /** How it comes to a host that lacks it; left out where a person brings it. */
      readonly comes?: "loaded" | "pulled" | "built";
    };

/** Of what is named by a file or built, the id is known once there is such a file. */
export function wantedGround(resource: ServiceResource, { images }: Pick<Context, "images">): WantedGround {
  const { container } = resource.spec;
  if (container === undefined) return "host";
  const { id, reference } = container.image;
  if (id !== undefined) return { image: id };
  if (reference !== undefined) return { image: reference, comes: "pulled" };
  const archive = images.get(nameOf(resource));
  return archive === undefined ? { image: UNBUILT, comes: "built" } : { image: archive.id, comes: "loaded" };
}

/** No image has this id. */
const UNBUILT = `sha256:${"0".repeat(64)}`;

/** Asks a host about the image. */
export function imageQuestion(wanted: WantedGround, names: ContainerNames): FactSet {
  return wanted === "host" ? {} : { image: imageFact(wanted.image, names) };
}

/** What a service runs on, with what is known of it. */
export type Ground = "host" | DesiredContainer;

/** What a service runs on whose data stay where they are, and what it is to run on, if that is another. */
export interface MovableGround {
  readonly on: Ground;
  readonly to?: Ground | "not known";
}

/** The same by host; one of which nothing is known yet is not among them. */
export type MovableGrounds = ReadonlyMap<string, MovableGround>;

/** All that makes one ground another. */
export function keyOf(ground: Ground): readonly unknown[] {
  return ground === "host" ? [ground] : [ground.image, ground.inside.uid, ground.inside.gid];
}

/** Undefined while nobody knows what is in the image: then nothing can be said of what its host should look like. */
export function groundOf(wanted: WantedGround, { image: fact }: WithImage): Ground | undefined {
  if (wanted === "host") return "host";
  // By whatever name it was asked for, its content is what it is known by.
  return fact?.inside === undefined ? undefined : { image: fact.id ?? wanted.image, inside: fact.inside };
}

/**
 * Why what runs is going to be restarted once an image has come that is on its way to the host, or has said what is in
 * it: told before anything is done. Undefined where none is on its way, or nothing runs from another.
 */
export function whyForeseen(
  wanted: WantedGround,
  { image: fact }: WithImage,
  unit: UnitFact | undefined,
): string | undefined {
  if (wanted === "host" || fact === undefined || fact.inside !== undefined) return undefined;
  const image = fact.id ?? wanted.image;
  if (unit?.activeState !== "active" || unit.image === undefined || unit.image === image) return undefined;
  const runs = `it runs from the image ${shortId(unit.image)}`;
  // One that is there and unfit, or is not and nobody brings it, comes to nothing.
  if (fact.present === true ? fact.isPending !== true : fact.present === false && wanted.comes === undefined)
    return undefined;
  // A Docker that has not answered yet may have it.
  if (image.startsWith("sha256:") && fact.present !== false && wanted.comes !== "built")
    return `${runs} instead of the image ${shortId(image)}`;
  switch (wanted.comes) {
    case undefined:
      return undefined;
    case "loaded":
      return `${runs}, and ${shortId(wanted.image)} is on its way`;
    case "pulled":
      return `${runs}, and is to run from ${wanted.image}, which is to be pulled, unless that is the same`;
    case "built":
      return `${runs}, and is to run from one that is to be built, unless that becomes the same`;
  }
}

/** The restart of a pool's service that an image will bring which is on its way. */
export function foreseenRestart(
  wanted: WantedGround,
  facts: WithImage & { readonly units: Readonly<Record<string, UnitFact>> },
  {
    unit,
    notice,
    ...step
  }: Pick<Step, "resource" | "host" | "budget"> & { readonly unit: string; readonly notice: Notice },
): { readonly steps: readonly Step[]; readonly waits: readonly [] } {
  const because = whyForeseen(wanted, facts, facts.units[unit]);
  const id = `${step.host ?? ""}/${step.resource}/restart ${unit}`;
  const change = { kind: "restart-unit", unit } as const;
  return {
    steps:
      because === undefined
        ? []
        : [{ ...step, id, stage: "services", ...noticing("restart", [notice]), change, because }],
    waits: [],
  };
}

/** What stands in the way of a container on a host that was looked at. */
export function groundFindings(
  wanted: WantedGround,
  about: { readonly resource: string; readonly host: string; readonly scope: Blocker["scope"] },
  { image: fact }: WithImage,
): Findings {
  return wanted === "host" || fact === undefined
    ? NO_FINDINGS
    : containerFindings({ ...about, image: wanted.image }, fact);
}

/** The image that a service runs from, among the versions of a status; nothing of one that runs on the host itself. */
export function imageOf(unit: UnitFact | undefined): { readonly image?: string } {
  return unit?.image === undefined ? {} : { image: shortId(unit.image) };
}
