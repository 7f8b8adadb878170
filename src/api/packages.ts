import type { ObjectSchema } from "./schema.ts";

const debianVersion = {
  type: "string",
  pattern: "^([0-9]+:)?[0-9][A-Za-z0-9.+~-]*$",
  wants: "a version of a Debian package, as apt-cache policy shows it",
  minLength: 1,
  maxLength: 100,
  description: "Its version, with epoch and revision where it has them.",
} as const;

/** spec.packages; `which` says what of it is upgraded, `how` what clients notice. */
export function packagesOf(which: string, how: string) {
  return {
    type: "object",
    description: "What becomes of newer packages.",
    default: {},
    properties: {
      upgrade: {
        type: "string",
        enum: ["Manual", "Automatic"],
        default: "Manual",
        description:
          `Whether pgha installs newer versions of ${which} that the host's package sources have: what apt would ` +
          "take by its lists as they are, and by the preferences of the host; lists are fetched by others. Manual: " +
          `status.hosts says what there is. Automatic: ${how}`,
      },
      versions: {
        type: "object",
        additionalProperties: debianVersion,
        maxProperties: 20,
        description:
          `Packages of ${which} that are had in one version and no other, whatever upgrade says, such as ` +
          "patroni: 4.0.7-1. One that is older is upgraded to it in the same way; none is replaced by an older one. " +
          "An image that is built (spec.container.image.build) is built from them.",
      },
    },
  } as const satisfies ObjectSchema;
}
