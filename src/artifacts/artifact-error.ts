import { PghaError } from "../errors.ts";

/** Something that pgha brings to hosts cannot be had, or is not what it should be. */
export class ArtifactError extends PghaError {
  override readonly name: string = "ArtifactError";

  constructor(
    message: string,
    details: { readonly wayOut: string; readonly retry?: "never" | "backoff"; readonly cause?: unknown },
  ) {
    super(message, {
      reason: "ArtifactUnavailable",
      retry: details.retry ?? "never",
      wayOut: details.wayOut,
      cause: details.cause,
    });
  }
}
