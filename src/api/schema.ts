import type { Rule } from "./rule.ts";

/**
 * The structural schemas that pgha's kinds are written in: the subset of OpenAPI v3 that Kubernetes accepts in a CRD
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/),
 * closed, so that a literal with a misspelt keyword does not compile. Three things come from one literal: the
 * TypeScript type, the validator, and the CRD.
 */
export type Schema =
  | StringSchema
  | IntegerSchema
  | BooleanSchema
  | IntegerOrStringSchema
  | ListSchema
  | MapSchema
  | ObjectSchema;

interface Described {
  /** What `kubectl explain` and docs/kinds show. A whole sentence. */
  readonly description: string;
  /** Cross-field rules with this value as `self`. They become CEL in the CRD. */
  readonly rules?: readonly Rule[];
}

export interface StringSchema extends Described {
  readonly type: "string";
  readonly enum?: readonly string[];
  /** In the common subset of RE2 and JavaScript. */
  readonly pattern?: string;
  /** What the pattern asks for, in words, for messages: "an absolute path such as /data". */
  readonly wants?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: "date-time";
  readonly default?: string;
}

export interface IntegerSchema extends Described {
  readonly type: "integer";
  readonly format?: "int32" | "int64";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: number;
}

export interface BooleanSchema extends Described {
  readonly type: "boolean";
  readonly default?: boolean;
}

export interface IntegerOrStringSchema extends Described {
  readonly "x-kubernetes-int-or-string": true;
  readonly maxLength?: number;
}

export interface ListSchema extends Described {
  readonly type: "array";
  readonly items: Schema;
  readonly minItems?: number;
  readonly maxItems: number;
  /** How server-side apply merges it. Items of an atomic list must not have defaults. */
  readonly "x-kubernetes-list-type": "map" | "set" | "atomic";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly default?: readonly string[];
}

export interface MapSchema extends Described {
  readonly type: "object";
  readonly additionalProperties: Schema;
  readonly maxProperties: number;
  readonly default?: Readonly<Record<string, never>>;
}

export interface ObjectSchema extends Described {
  readonly type: "object";
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** `{}` when the defaults of the fields inside are wanted even if nobody wrote the object. */
  readonly default?: Readonly<Record<string, never>>;
}

/** A value as a person may write it: what has a default may be left out. */
export type Written<S> = Scalar<S> extends never ? WrittenCompound<S> : Scalar<S>;

/** A value after defaults: what has a default is there. */
export type Defaulted<S> = Scalar<S> extends never ? DefaultedCompound<S> : Scalar<S>;

type Scalar<S> = S extends { readonly enum: readonly (infer Choice)[] }
  ? Choice
  : S extends { readonly type: "string" }
    ? string
    : S extends { readonly type: "integer" }
      ? number
      : S extends { readonly type: "boolean" }
        ? boolean
        : S extends { readonly "x-kubernetes-int-or-string": true }
          ? number | string
          : never;

type WrittenCompound<S> = S extends { readonly items: infer Item }
  ? readonly Written<Item>[]
  : S extends { readonly additionalProperties: infer Value }
    ? Readonly<Record<string, Written<Value>>>
    : S extends { readonly properties: infer Fields }
      ? { readonly [Key in keyof Fields & RequiredKeys<S>]: Written<Fields[Key]> } & {
          readonly [Key in Exclude<keyof Fields, RequiredKeys<S>>]?: Written<Fields[Key]>;
        }
      : never;

type DefaultedCompound<S> = S extends { readonly items: infer Item }
  ? readonly Defaulted<Item>[]
  : S extends { readonly additionalProperties: infer Value }
    ? Readonly<Record<string, Defaulted<Value>>>
    : S extends { readonly properties: infer Fields }
      ? { readonly [Key in keyof Fields & (RequiredKeys<S> | KeysWithDefault<Fields>)]: Defaulted<Fields[Key]> } & {
          readonly [Key in Exclude<keyof Fields, RequiredKeys<S> | KeysWithDefault<Fields>>]?: Defaulted<Fields[Key]>;
        }
      : never;

type RequiredKeys<S> = S extends { readonly required: readonly (infer Key)[] } ? Key : never;

type KeysWithDefault<Fields> = {
  [Key in keyof Fields]: Fields[Key] extends { readonly default: unknown } ? Key : never;
}[keyof Fields];
