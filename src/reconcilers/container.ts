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
import type { Blocker } from "../plan/plan.ts";
import type { Context } from "./reconciler.ts";
import { nameOf } from "./stack.ts";

/** What is known of the image of a service; there with runtime container alone. */
export interface WithImage {
  readonly image?: ImageFact;
}

/** What a service is to run on: a host as it is, or a container of an image with this content id. */
export type WantedGround = "host" | { readonly image: string };

/** Of what is named by a file or built, the id is known once there is such a file. */
export function wantedGround(resource: ServiceResource, { images }: Pick<Context, "images">): WantedGround {
  const { container } = resource.spec;
  if (container === undefined) return "host";
  const { id, reference } = container.image;
  return { image: id ?? reference ?? images.get(nameOf(resource))?.id ?? UNBUILT };
}

/** No image has this id. */
const UNBUILT = `sha256:${"0".repeat(64)}`;

/** Asks a host about the image. */
export function imageQuestion(wanted: WantedGround, names: ContainerNames): FactSet {
  return wanted === "host" ? {} : { image: imageFact(wanted.image, names) };
}

/** What a service runs on, with what is known of it. */
export type Ground = "host" | DesiredContainer;

/** The same by host; one of which that is not known yet is not among them. */
export type Grounds = ReadonlyMap<string, Ground>;

/** All that makes one ground another. */
export function keyOf(ground: Ground): readonly unknown[] {
  return ground === "host" ? [ground] : [ground.image, ground.inside.uid, ground.inside.gid];
}

/** Undefined while nobody knows what is in the image: then nothing can be said of what its host should look like. */
export function groundOf(wanted: WantedGround, { image: fact }: WithImage): Ground | undefined {
  if (wanted === "host") return "host";
  return fact?.inside === undefined ? undefined : { image: wanted.image, inside: fact.inside };
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
