import { imageComesFromOne, loginIsForRegistry } from "./rules/cel.ts";
import type { ObjectSchema } from "./schema.ts";
import { localFile, secretName } from "./strings.ts";

/** What the service of a resource runs in, on each of its hosts. */
export const runtime = {
  type: "string",
  enum: ["systemd", "container"],
  default: "systemd",
  description:
    "systemd: the service is installed from packages and runs on the host itself. container: it runs in a container " +
    "of Docker's, from the image that spec.container names. systemd starts and supervises it either way.",
} as const;

export const container = {
  type: "object",
  description: "What a container is made of. With runtime container, and only then.",
  required: ["image"],
  properties: {
    image: {
      type: "object",
      description: "The image, the same on every host. Its content counts, never a tag. Exactly one of its fields.",
      rules: [imageComesFromOne, loginIsForRegistry],
      properties: {
        id: {
          type: "string",
          pattern: "^sha256:[0-9a-f]{64}$",
          wants: "an image id in full, as docker image inspect --format {{.Id}} prints it: sha256: and 64 hex digits",
          description:
            "Id of an image that is on every host already. Another one is taken by one host after the other, as a " +
            "restart.",
        },
        archive: {
          ...localFile,
          description:
            "File of docker save where pgha runs, plain or compressed with gzip or zstd. It is sent over SSH to each " +
            "host that lacks its image, before any service is touched; another content is another image, taken by " +
            "one host after the other. The operator looks for a file of that name in the folder PGHA_IMAGES.",
        },
        reference: {
          type: "string",
          pattern: "^[a-z0-9][a-zA-Z0-9._/:-]*@sha256:[0-9a-f]{64}$",
          wants:
            "a name with its digest, such as registry.example.com/haproxy@sha256: and 64 hex digits; a tag can move",
          maxLength: 512,
          description:
            "Image of a registry, by its digest. Docker on each host pulls it, before any service is touched.",
        },
        pullSecretRef: {
          type: "object",
          description:
            "Login to the registry of reference: a Secret of type kubernetes.io/dockerconfigjson, or with username " +
            "and password, in the same namespace. Left out, what root is logged in to on each host counts.",
          required: ["name"],
          properties: { name: { ...secretName, description: "Name of the Secret." } },
        },
        build: {
          type: "object",
          description:
            "The image is built on the first host that can, from Debian's or Ubuntu's own packages, and carried from " +
            "there to the others through where pgha runs, so that all run the same. It is built once for each base, " +
            "and anew for other spec.packages.versions. PostgreSQL and pgvector are left as they are where the base " +
            "has them.",
          required: ["base"],
          properties: {
            base: {
              type: "string",
              pattern: "^[a-z0-9][a-zA-Z0-9._/:@-]*$",
              wants: "the name of an image with its tag or digest, such as debian:13-slim",
              minLength: 1,
              maxLength: 255,
              description:
                "Image of Debian or Ubuntu to build on, as after FROM in a Dockerfile; Docker on that host pulls it " +
                "if it is not there. Its package sources are those that are used.",
            },
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;
