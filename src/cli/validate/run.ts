import { InvalidInputError } from "../../errors.ts";
import type { Problem } from "../../errors.ts";
import { count } from "../../text/words.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import type { LoadedStack } from "../load-stack.ts";
import type { StackOptions } from "../stack-options.ts";
import { resourcesOf } from "../../reconcilers/stack.ts";

export interface ValidateOptions extends Pick<StackOptions, "file"> {
  readonly output: "text" | "json";
}

/** What `pgha validate -o json` prints. */
export interface ValidateDocument {
  readonly valid: boolean;
  /** `Kind/name`, in the order of the manifests. Empty when there are problems. */
  readonly resources: readonly string[];
  readonly problems: readonly Problem[];
}

/** Reads manifests and says what is wrong with them. */
export async function runValidate(options: ValidateOptions, { environment, screen }: Invocation): Promise<number> {
  if (options.output === "text") {
    const loaded = await loadStack(options, environment, screen);
    const resources = namesOf(loaded);
    screen.print(
      `${screen.style.good("✓")} ${count(resources.length, "resource")} on ` +
        `${count(loaded.addresses.size, "host")}, all sound: ${resources.join(", ")}\n`,
    );
    return EXIT.ok;
  }
  const print = (document: ValidateDocument): void => screen.print(`${JSON.stringify(document, null, 2)}\n`);
  try {
    print({ valid: true, resources: namesOf(await loadStack(options, environment, screen)), problems: [] });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) {
      throw error;
    }
    print({ valid: false, resources: [], problems: error.problems });
    return EXIT.error;
  }
}

function namesOf({ stack }: LoadedStack): readonly string[] {
  return resourcesOf(stack).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}
