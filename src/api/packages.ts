import type { ObjectSchema } from "./schema.ts";

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
    },
  } as const satisfies ObjectSchema;
}
