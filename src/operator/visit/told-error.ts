import { PghaError } from "../../errors.ts";

/** An error of which the resource's events, its status and the log were told when it was thrown. */
export class ToldError extends PghaError {
  override readonly name: string = "ToldError";
}
