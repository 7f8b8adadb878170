import type { Invocation } from "../invocation.ts";
import type { ImportOptions } from "./command.ts";

export async function runImport(_options: ImportOptions, _invocation: Invocation): Promise<number> {
  throw new Error("not yet");
}
