import type { ObjectSchema } from "./schema.ts";

/** spec.maintenance */
export const maintenance = {
  type: "object",
  description: "When clients of this cluster, and of the pools in front of it, may be disturbed.",
  default: {},
  properties: {
    windows: {
      type: "array",
      maxItems: 20,
      default: [],
      "x-kubernetes-list-type": "atomic",
      description:
        "Times for what clients notice: restarts, and a leader that changes by plan. Outside of them it waits for " +
        "the next, and the status says when that is; all else is done at once, and what a person asks for by a " +
        "command or an annotation, too. Empty: at any time.",
      items: {
        type: "object",
        description: "A time that comes again and again.",
        required: ["schedule", "durationMinutes"],
        properties: {
          schedule: {
            type: "string",
            pattern: "^[^ ]+( +[^ ]+){4}$",
            wants: "five fields of cron: minute, hour, day of month, month, day of week, such as '0 3 * * SAT'",
            minLength: 9,
            maxLength: 200,
            description: "When it begins, as in cron: minute, hour, day of month, month, day of week.",
          },
          durationMinutes: {
            type: "integer",
            format: "int32",
            minimum: 5,
            maximum: 10080,
            description: "How long it lasts, in minutes. What was begun in it is brought to its end after it.",
          },
          timeZone: {
            type: "string",
            pattern: "^[A-Za-z][A-Za-z0-9_+/-]*$",
            wants: "a time zone of the IANA database, such as Europe/Paris",
            minLength: 1,
            maxLength: 64,
            description: "Where the schedule's hours are: a name of the IANA time zone database. The default is UTC.",
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;
