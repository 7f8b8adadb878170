import type { Resource } from "../../api/index.ts";
import { PghaError } from "../../errors.ts";
import { answerTo, answersYes } from "../answers-yes.ts";
import type { Invocation } from "../invocation.ts";

export interface DeleteApproval {
  readonly yes?: boolean;
  /** Clusters whose data may go. */
  readonly purge?: readonly string[];
}

/**
 * Asks once whether to go on; for each cluster whose data would go, for its name, which --yes does not answer.
 *
 * @throws PghaError where there is nobody to ask.
 */
export async function isApproved(
  selected: readonly Resource[],
  { yes = false, purge = [] }: DeleteApproval,
  { environment, screen }: Invocation,
  signal: AbortSignal,
): Promise<boolean> {
  const unconfirmed = selected
    .filter((resource) => resource.kind === "PostgresHACluster" && resource.spec.deletionPolicy === "Purge")
    .map(({ metadata }) => metadata.name)
    .filter((name) => !purge.includes(name));
  if (unconfirmed.length === 0 && yes) return true;
  if (!screen.canAsk)
    throw new PghaError("there is no terminal to ask on whether to go on; nothing was touched", {
      reason: "NotApproved",
      retry: "never",
      wayOut:
        "read what would be done above, then run pgha delete " +
        `--yes${unconfirmed.map((name) => ` --purge ${name}`).join("")}`,
    });
  for (const name of unconfirmed) {
    const question = `${screen.style.bad(`All data of ${name} will be gone.`)} Type its name to go on: `;
    if ((await answerTo(question, environment, signal))?.trim() !== name) return false;
  }
  return unconfirmed.length > 0 || answersYes(`${screen.style.bold("Go on?")} [y/N] `, environment, signal);
}
