import { sshOf } from "../api/index.ts";
import type { HostTarget } from "../reconcilers/targets.ts";

/** The SSH settings that hold for a target: its own where it has them, else its resource's. */
export function targetSsh({ name, address, ssh, override }: HostTarget): ReturnType<typeof sshOf> {
  return sshOf({ ssh }, { name, address, ...(override === undefined ? {} : { ssh: override }) });
}
