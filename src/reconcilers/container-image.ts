import { isService } from "../api/places.ts";
import type { ServiceResource } from "../api/index.ts";
import type { AskedImage } from "../artifacts/index.ts";
import type { BuildImage } from "../changes/build-image.ts";
import type { RegistryLogin } from "../changes/material.ts";
import { registryLogin } from "../credentials/registry-login.ts";
import type { DesiredImage } from "../desired/image.ts";
import type { ImageFact } from "../facts/image.ts";
import { engineFact } from "../facts/systemd/engine.ts";
import type { EngineFact } from "../facts/systemd/engine.ts";
import { planImages } from "../plan/images.ts";
import type { ImagesOnHost, ImagesPlan } from "../plan/images.ts";
import type { Blocker, Plan, Wait } from "../plan/plan.ts";
import type { Reason } from "../reasons.ts";
import { imageRecipe } from "../render/image-recipe.ts";
import type { RecipeOf } from "../render/image-recipe.ts";
import { wantsVector } from "./postgres-ha-cluster/packages.ts";
import type { Context, Looks, Reconcilable } from "./reconciler.ts";
import { nameOf } from "./stack.ts";

interface AskedBy {
  /** `Kind/name` */
  readonly resource: string;
  readonly asked: AskedImage;
}

/** Files of images that resources ask for, each with its resource (`Kind/name`). */
export function askedImages(resources: readonly ServiceResource[]): readonly AskedBy[] {
  return resources.flatMap((one): readonly AskedBy[] => {
    const resource = nameOf(one);
    const path = one.spec.container?.image.archive;
    const build = buildOf(one);
    if (path !== undefined) return [{ resource, asked: { field: `${resource} spec.container.image.archive`, path } }];
    return build === undefined ? [] : [{ resource, asked: { recipe: build.recipe.digest } }];
  });
}

/**
 * A resource that runs in containers, with what brings its engine and its image to its hosts before all else. Any other
 * is as it was.
 */
export function bringingImages(one: Reconcilable, context: Context): Reconcilable {
  const { resource } = one;
  if (!isService(resource) || resource.spec.container === undefined) return one;
  const archive = context.images.get(one.name);
  const { reference, pullSecretRef } = resource.spec.container.image;
  const id = resource.spec.container.image.id ?? reference ?? archive?.id;
  const title = TITLES[resource.kind];
  const image =
    id === undefined
      ? undefined
      : {
          title,
          id,
          ...(archive === undefined ? {} : { archive }),
          ...(reference === undefined ? {} : { isPulled: true as const }),
        };
  const build = id === undefined ? buildOf(resource) : undefined;
  const login = pullSecretRef === undefined ? undefined : loginOf(context, pullSecretRef.name, reference ?? "");
  return {
    ...one,
    material: { ...one.material, ...(typeof login === "object" ? { registry: login } : {}) },
    questions: new Map([...one.questions].map(([host, asked]) => [host, { ...asked, engine: engineFact() }])),
    plan: (looks, others) => {
      const own = one.plan(looks, others);
      const scope = own.blockers.find(({ reason }) => SAID_HERE.has(reason))?.scope ?? "host";
      const images = planImages(one.name, scope, hostsOf(looks, image, build));
      return withImages(own, typeof login === "string" ? withoutLogin(one.name, images, login) : images, looks);
    },
  };
}

/** A login, or why there is none. */
function loginOf({ secrets }: Context, name: string, reference: string): RegistryLogin | string {
  const secret = secrets.get(name);
  if (secret === undefined) return `there is no Secret ${name}`;
  const login = registryLogin(secret, reference);
  return typeof login === "string" ? `the Secret ${name} is no login to a registry: ${login}` : login;
}

/** Where nothing has to be pulled, nobody has to log in. */
function withoutLogin(resource: string, images: ImagesPlan, why: string): ImagesPlan {
  const pulls = images.steps.filter(({ change }) => change.kind === "pull-image");
  if (pulls.length === 0) return images;
  const blocker: Blocker = {
    resource,
    reason: "SecretUnusable",
    why: `spec.container.image.pullSecretRef: ${why}`,
    wayOut:
      "Make it in the same namespace, or beside the manifest: of type kubernetes.io/dockerconfigjson, or with " +
      "username and password. Or leave pullSecretRef out, and log root in on each host.",
    scope: "resource",
  };
  return { ...images, blockers: [...images.blockers, blocker] };
}

const TITLES = {
  PostgresHACluster: "Patroni and PostgreSQL",
  HAProxyPool: "HAProxy",
  PgBouncerPool: "PgBouncer",
} as const;

function buildOf(resource: ServiceResource): BuildImage | undefined {
  const base = resource.spec.container?.image.build?.base;
  if (base === undefined) return undefined;
  const recipe = imageRecipe(recipeOf(resource), base, resource.spec.packages.versions);
  return { kind: "build-image", title: TITLES[resource.kind], base, recipe };
}

function recipeOf(resource: ServiceResource): RecipeOf {
  if (resource.kind === "HAProxyPool") return "haproxy";
  if (resource.kind === "PgBouncerPool") return "pgbouncer";
  const { version, packageSource } = resource.spec.postgresql;
  return {
    version,
    source: packageSource,
    extensions: wantsVector(resource) ? [{ name: "pgvector", control: "vector" }] : [],
  };
}

/** What is asked of hosts beside what the resource itself asks. */
interface ImageAnswers {
  readonly engine: EngineFact;
  readonly image: ImageFact;
}

/** What is to be built is built on the first host whose engine answers, else where one is on its way. */
function hostsOf(
  looks: Looks,
  image: DesiredImage | undefined,
  build: BuildImage | undefined,
): readonly ImagesOnHost[] {
  const seen = [...looks].flatMap(([host, look]) => {
    // The engine carries looks without knowing their shape; these are answers to questions of this file and of theirs.
    return look.seen ? [{ host, ...(look.facts as ImageAnswers) }] : [];
  });
  const builder = seen.find(({ engine }) => engine.answers)?.host;
  return seen.map(({ host, engine, image: found }) => ({
    host,
    engine,
    images: image === undefined ? [] : [image],
    // Where that is not known, nothing is brought before it is.
    isPresent: () => found.present !== false,
    ...(build !== undefined && host === builder ? { build } : {}),
  }));
}

/** Of what is lacking the resource says that it is; here it is brought, or said in more words. */
const SAID_HERE: ReadonlySet<Reason> = new Set(["EngineMissing", "ImageMissing"]);

/**
 * Before all that anybody notices: stages of a resource never overtake each other, so no service of any of its hosts is
 * touched while an image is still to come to another.
 */
function withImages(own: Plan, images: ImagesPlan, looks: Looks): Plan {
  const answers = (host = ""): boolean => {
    const look = looks.get(host);
    return look?.seen === true && (look.facts as ImageAnswers).engine.answers;
  };
  const blockers = own.blockers.flatMap((blocker): readonly Blocker[] => {
    if (!SAID_HERE.has(blocker.reason)) return [blocker];
    return blocker.reason === "EngineMissing" && answers(blocker.host) ? [{ ...blocker, ...SLOW }] : [];
  });
  const [slow, others] = [blockers.filter(isSlow), blockers.filter((blocker) => !isSlow(blocker))];
  return {
    steps: [...images.steps, ...own.steps],
    waits: [...own.waits, ...slow.map(waitFor)],
    blockers: [...images.blockers, ...others],
    warnings: [...images.warnings, ...own.warnings],
  };
}

function isSlow({ reason }: Blocker): boolean {
  return reason === SLOW.reason;
}

/** It answers by itself: images are brought to the other hosts meanwhile, and no service is touched. */
function waitFor({ resource, host, reason, wayOut }: Blocker): Wait {
  return {
    resource,
    ...(host === undefined ? {} : { host }),
    reason,
    for: "Docker to say what is in the image",
    holds: "services",
    deadlineSeconds: ANSWER_SECONDS,
    wayOut,
  };
}

/** On a host that is busy with other things, a container takes its time to start. */
const ANSWER_SECONDS = 300;

/** One question was answered and the other was not. */
const SLOW = {
  reason: "HostSlow",
  why: "its Docker takes its time to say whether the image is there",
  wayOut: "It is asked again. Where that goes on, as root there: docker info",
} as const;
