// For the bundle: src/api/validator.ts with its functions compiled already, and without the compiler.
import { resolve } from "node:path";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { jsonSchemaOf } from "../src/api/json-schema.ts";
import { SPEC_SCHEMAS } from "../src/api/kinds.ts";
import { VALIDATOR_OPTIONS } from "../src/api/validator-options.ts";

/** A plugin of esbuild. */
export const precompiledValidators = {
  name: "precompiled-validators",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/api\/validator\.ts$/ }, ({ path }) => ({ contents: compiled(), loader: "js", resolveDir: resolve(path, "..") }));
  },
};

function compiled() {
  const kinds = Object.keys(SPEC_SCHEMAS);
  const ajv = new Ajv({ ...VALIDATOR_OPTIONS, code: { source: true, esm: true } });
  kinds.forEach((kind) => ajv.addSchema(jsonSchemaOf(kind), kind));
  const code = standalone.default(ajv, Object.fromEntries(kinds.map((kind) => [kind, kind])));
  return `${code}\nconst validators = { ${kinds.join(", ")} };\nexport const validatorOf = (kind) => validators[kind];\n`;
}
