import { Ajv, type ValidateFunction } from "ajv";
import { jsonSchemaOf } from "./json-schema.ts";
import type { Kind } from "./kinds.ts";
import { VALIDATOR_OPTIONS } from "./validator-options.ts";

const validators = new Map<Kind, ValidateFunction>();

/**
 * Compiled when first needed: commands that read no manifest do not pay for it. Half a second of CPU for three kinds,
 * so the bundle has the compiled functions in place of this file (scripts/precompiled-validators.mjs).
 */
export function validatorOf(kind: Kind): ValidateFunction {
  const made = validators.get(kind) ?? new Ajv(VALIDATOR_OPTIONS).compile(jsonSchemaOf(kind));
  validators.set(kind, made);
  return made;
}
