import type { Options } from "ajv";

/** The schemas are ours and never change, so they are not checked against JSON Schema's own each time. */
export const VALIDATOR_OPTIONS = {
  allErrors: true,
  useDefaults: true,
  verbose: true,
  strict: false,
  validateFormats: false,
  meta: false,
  validateSchema: false,
} as const satisfies Options;
