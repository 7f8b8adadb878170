import { ENGINE } from "../desired/services.ts";
import type { EngineFact } from "../facts/systemd/engine.ts";
import type { HostFindings } from "./findings.ts";

type Answering = Extract<EngineFact, { answers: true }>;

/** What about a Docker keeps it from what is asked of it here, and what a person does about that. */
interface Unfit {
  readonly is: (engine: Answering) => boolean;
  readonly why: string;
  readonly wayOut: string;
}

const UNFIT: readonly Unfit[] = [
  {
    is: ({ root }) => root.includes("/containers/storage"),
    why: "what answers there as Docker is podman, which runs no daemon that looks after containers",
    wayOut: `Take podman's socket away (systemctl disable --now podman.socket), remove podman-docker, run again.`,
  },
  {
    is: ({ root }) => root.startsWith("/var/snap/"),
    why: "its Docker is a snap, which sees little of the host's files",
    wayOut: "Use the distribution's docker.io, or Docker's own packages, in place of the snap.",
  },
  {
    is: ({ security }) => security.includes("rootless"),
    why: "its Docker runs without root, so containers have no network of the host's own",
    wayOut: "Have Docker run as root: docker.io of the distribution does.",
  },
  {
    is: ({ containerdStore }) => containerdStore,
    why: "its Docker keeps images in containerd, where they have other ids than pgha goes by",
    wayOut:
      `Set {"features": {"containerd-snapshotter": false}} in ${ENGINE.config}, ` + "and restart Docker when it suits.",
  },
  {
    is: ({ cgroupDriver }) => cgroupDriver === "none",
    why: "its Docker has no control groups, so nothing ends a container whole",
    wayOut: "Mount cgroup2 at /sys/fs/cgroup (any systemd of today does), then restart Docker when it suits.",
  },
  {
    is: ({ version }) => Number(version.split(".")[0]) < 20,
    why: "its Docker is older than 20.10",
    wayOut: "Upgrade it: Debian 12 and Ubuntu 22.04 have newer ones.",
  },
];

/** What stands against the engine that a host has. pgha never sets up a daemon that it did not bring. */
export function engineFindings(engine: Answering, found: HostFindings): void {
  const unfit = UNFIT.find(({ is }) => is(engine));
  if (unfit !== undefined) {
    found.block("EngineUnfit", unfit.why, unfit.wayOut);
    return;
  }
  if (engine.driver === "vfs")
    found.warn(
      "EngineUnfit",
      `its Docker has no overlay filesystem at ${engine.root} (storage driver vfs): every layer of every image and ` +
        "every container is a full copy. Put that folder on XFS or ext4",
    );
  if (!engine.liveRestore)
    found.warn(
      "LiveRestoreOff",
      "a restart of its Docker daemon, as by an upgrade of its package, ends what runs in containers. Set " +
        `{"live-restore": true} in ${ENGINE.config}, then: systemctl reload ${ENGINE.unit}`,
    );
}
