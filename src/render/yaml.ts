import { DEFAULT_SCALAR_STYLE_RULES, dump, DUMP_SCHEMA, SCALAR_STYLE, type ScalarStyleRule } from "js-yaml";

/** What a configuration in YAML is made of. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * One YAML document, keys sorted. Every string is in double quotes: Patroni reads with PyYAML, which is YAML 1.1, where
 * a bare `off`, `1:30` or `012` would be something else (https://yaml.org/type/bool.html). DUMP_SCHEMA makes js-yaml
 * quote keys such as `on` as well.
 */
export function yamlDocument(value: { readonly [key: string]: YamlValue }): string {
  return dump(value, {
    schema: DUMP_SCHEMA,
    forceQuotes: true,
    quoteStyle: "double",
    lineWidth: -1,
    noRefs: true,
    sortKeys: true,
    scalarStyleRules: RULES,
  });
}

/** js-yaml 5.5 leaves a key at the margin bare even if it begins as the mark between documents does. */
const quoteDocumentMarks: ScalarStyleRule = (layout) => {
  if (layout.isKey && /^(---|\.\.\.)/.test(layout.node.value)) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
};

const RULES: ScalarStyleRule[] = [...Object.values(DEFAULT_SCALAR_STYLE_RULES), quoteDocumentMarks];
