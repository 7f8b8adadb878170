import type { Problem } from "../errors.ts";
import { yamlScalar } from "./yaml-scalar.ts";

/** What an imported stack is to run in, as it was asked for. */
export interface RuntimeAsked {
  /** --runtime */
  readonly runtime?: "systemd" | "container";
  /** --images: a folder with members.tar, haproxy.tar and pgbouncer.tar. */
  readonly images?: string;
}

const ARCHIVES = {
  PostgresHACluster: "members.tar",
  HAProxyPool: "haproxy.tar",
  PgBouncerPool: "pgbouncer.tar",
} as const;

/** What images are built on where no files of them are named; it has the PostgreSQL that is the default. */
const BASE = "debian:13-slim";

/** Lines of a spec that say what it runs in; none where that is the default. */
export function runtimeLines(kind: keyof typeof ARCHIVES, { runtime, images }: RuntimeAsked): readonly string[] {
  if (runtime !== "container") return [];
  const image =
    images === undefined
      ? `build: {base: ${yamlScalar(BASE)}}`
      : `archive: ${yamlScalar(`${images.replace(/(?<=.)\/+$/, "")}/${ARCHIVES[kind]}`)}`;
  return ["  runtime: container", `  container: {image: {${image}}}`];
}

export function runtimeProblems({ runtime, images }: RuntimeAsked): readonly Problem[] {
  return images === undefined || runtime === "container"
    ? []
    : [
        {
          resource: "--images",
          path: "",
          message: "is about containers, and nothing is to run in any",
          wayOut: "say --runtime container, or leave --images out",
        },
      ];
}
