import type { ImageFact } from "../facts/image.ts";
import { HostFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";
import type { Blocker } from "./plan.ts";

export interface ContainerWish {
  readonly resource: string;
  readonly host: string;
  readonly scope: Blocker["scope"];
  /** Content id. */
  readonly image: string;
}

/** What a host lacks for a container to be started there. One that runs goes on meanwhile. */
export function containerFindings({ resource, host, scope, image }: ContainerWish, fact: ImageFact): Findings {
  const found = new HostFindings(resource, host, scope);
  if (!fact.engine)
    found.block(
      "EngineMissing",
      "Docker does not answer there, at /run/docker.sock",
      `On ${host} as root: systemctl start docker. Where it is not installed: apt-get install docker.io`,
    );
  else if (fact.present === false)
    found.block(
      "ImageMissing",
      `the image ${image} is not there`,
      `Bring it there: docker save and docker load keep its id. On ${host} as root: docker image ls --no-trunc shows ` +
        "what is there.",
    );
  else if (fact.isPending === true)
    found.block(
      "HostSlow",
      "its Docker takes its time to say what is in the image",
      `It is asked again. Where that goes on, on ${host} as root: docker info`,
    );
  else if (fact.inside === undefined)
    found.block(
      "ImageUnfit",
      `what is in the image ${image} is not what is needed: ${fact.fault ?? "it does not say"}`,
      "Name an image that has it; docs/containers.md says what that is.",
    );
  return found;
}
