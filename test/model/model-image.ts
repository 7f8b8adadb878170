import { isService } from "../../src/api/index.ts";
import type { Resource } from "../../src/api/index.ts";
import type { HostChange } from "../../src/changes/table.ts";
import { ENGINE } from "../../src/desired/services.ts";
import type { EngineFact } from "../../src/facts/systemd/engine.ts";
import type { ImageArchive } from "../../src/desired/image.ts";
import { askedImages } from "../../src/reconcilers/container-image.ts";
import { wantedGround } from "../../src/reconcilers/container.ts";
import type { WithImage } from "../../src/reconcilers/container.ts";
import type { ModelHost } from "./model-host.ts";

const RUNS: EngineFact = {
  answers: true,
  version: "26.1.5",
  architecture: "amd64",
  driver: "overlay2",
  containerdStore: false,
  root: "/var/lib/docker",
  freeMiB: 20_000,
  liveRestore: true,
  cgroupDriver: "systemd",
  security: [],
};
const NONE: EngineFact = { answers: false, why: "absent", loadState: "not-found", activeState: "inactive" };

/**
 * What a host says of Docker and of the image that a service is to run from: it has Docker, and any image, unless it is
 * called absent.
 */
export function imageFacts(
  resource: Resource,
  host: ModelHost,
  archives: ReadonlyMap<string, ImageArchive>,
): WithImage & { readonly engine?: EngineFact } {
  if (!isService(resource)) return {};
  const images = askedImages([resource]).flatMap(({ resource: name, asked }) => {
    const archive = archives.get("recipe" in asked ? asked.recipe : asked.path);
    return archive === undefined ? [] : [[name, archive] as const];
  });
  const ground = wantedGround(resource, { images: new Map(images) });
  if (ground === "host") return {};
  if (host.absent.includes(ENGINE.unit)) return { engine: NONE, image: { engine: false, fault: "nobody says" } };
  if (host.absent.includes(ground.image))
    return { engine: RUNS, image: { engine: true, present: false, fault: "it is not there" } };
  const inside = { uid: 70, gid: 70, version: "1.24.1", servers: host.base.inImages };
  const id = ground.image.replace(/^.*@/, "");
  return { engine: RUNS, image: { engine: true, present: true, id, inside } };
}

/** Whether it was a change of what there is of Docker, which is taken then. */
export function takeOnImages(host: ModelHost, change: HostChange): boolean {
  const comes = (what: string): boolean => {
    host.absent = host.absent.filter((other) => other !== what);
    return true;
  };
  switch (change.kind) {
    case "install-engine":
      return comes(ENGINE.unit);
    case "load-image":
      return comes(change.archive.id);
    case "pull-image":
      return comes(change.reference);
    default:
      return false;
  }
}
