import type { ErrorObject } from "ajv";
import type { Problem } from "../errors.ts";
import { API_VERSION } from "./kinds.ts";
import { formatPath, fromPointer } from "./path.ts";
import { article, shown } from "./shown.ts";
import { closest } from "./suggest.ts";

/** What the schema found wrong, in words for the person who wrote the resource. One problem a field. */
export function schemaProblems(resource: string, value: unknown, errors: readonly ErrorObject[]): Problem[] {
  const problems = errors.map((error) => ({ resource, ...inWords(error, value) }));
  return problems.filter((problem, index) => problems.findIndex((other) => other.path === problem.path) === index);
}

/** The field that an error is about: the missing or unknown one rather than the object around it. */
export function pathOf(error: ErrorObject, value: unknown): readonly (string | number)[] {
  const around = fromPointer(error.instancePath, value);
  const field: unknown = error.params["missingProperty"] ?? error.params["additionalProperty"];
  return typeof field === "string" ? [...around, field] : around;
}

interface Words {
  readonly path: string;
  readonly message: string;
  readonly wayOut?: string;
}

function inWords(error: ErrorObject, value: unknown): Words {
  const path = formatPath(pathOf(error, value));
  const params: Readonly<Record<string, unknown>> = error.params;
  const schema = (error.parentSchema ?? {}) as FieldSchema;
  switch (error.keyword) {
    case "additionalProperties":
      return { path, message: "there is no such field", ...unknownField(String(params["additionalProperty"]), schema) };
    case "required": {
      const description = schema.properties?.[String(params["missingProperty"])]?.description;
      return { path, message: "is missing", wayOut: description === undefined ? "add it" : `add it: ${description}` };
    }
    case "type":
      return { path, ...wrongType(error.data, params["type"]) };
    case "const":
      return {
        path,
        message: `is ${shown(error.data)}`,
        wayOut: `write ${path === "apiVersion" ? API_VERSION : shown(params["allowedValue"])}`,
      };
    case "enum":
      return { path, ...wrongChoice(error.data, schema.enum ?? []) };
    default:
      return { path, ...outOfBounds(error, schema) };
  }
}

function unknownField(field: string, schema: FieldSchema): Pick<Words, "wayOut"> {
  const known = Object.keys(schema.properties ?? {});
  const meant = closest(field, known);
  return { wayOut: meant === undefined ? `the fields here are ${known.join(", ")}` : `did you mean ${meant}?` };
}

function wrongType(given: unknown, wanted: unknown): Omit<Words, "path"> {
  if (Array.isArray(wanted)) {
    const message = `is ${shown(given)}, ${article(given)}, where a whole number or text is wanted`;
    if (typeof given === "boolean")
      return {
        message,
        wayOut: `write ${given ? "'on'" : "'off'"} in quotes: YAML reads on, off, yes and no as booleans`,
      };
    return {
      message,
      wayOut: typeof given === "number" ? `put it in quotes: '${given}'` : "write a whole number, or text in quotes",
    };
  }
  const name = TYPE_NAMES[String(wanted)] ?? String(wanted);
  const simple = typeof given === "string" || typeof given === "number" || typeof given === "boolean";
  const message = simple
    ? `is ${shown(given)}, ${article(given)}, where ${name} is wanted`
    : `is ${article(given)} where ${name} is wanted`;
  return { message, wayOut: conversion(given, wanted) ?? `write ${name}` };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

function conversion(given: unknown, wanted: unknown): string | undefined {
  if (wanted === "string" && typeof given === "number") return `put it in quotes: '${given}'`;
  if (wanted === "string" && typeof given === "boolean")
    return "put it in quotes: YAML reads on, off, yes, no, true and false as booleans";
  if (wanted === "integer" && typeof given === "string" && /^-?[0-9]{1,15}$/.test(given))
    return `leave out the quotes: ${given}`;
  if (wanted === "boolean" && typeof given === "string" && /^(true|false)$/i.test(given))
    return `leave out the quotes: ${given.toLowerCase()}`;
  if (wanted === "array" && typeof given === "string")
    return "make it a list: [...], or one line each that starts with '- '";
  return undefined;
}

function wrongChoice(given: unknown, choices: readonly unknown[]): Omit<Words, "path"> {
  const words = choices.map(String);
  const meant = typeof given === "string" ? closest(given, words) : undefined;
  return {
    message: `is ${shown(given)}, which is not one of ${words.join(", ")}`,
    wayOut: meant === undefined ? `write one of ${words.join(", ")}` : `did you mean ${meant}?`,
  };
}

function outOfBounds(error: ErrorObject, schema: FieldSchema): Omit<Words, "path"> {
  const given: unknown = error.data;
  if (typeof given === "string") {
    const length = Array.from(given).length;
    const wants =
      schema.wants ?? `text of ${schema.minLength ?? 0} to ${schema.maxLength ?? "any number of"} characters`;
    if (given === "") return { message: "is empty", wayOut: `write ${wants}` };
    if (error.keyword === "maxLength")
      return {
        message: `is ${length} characters long: ${shown(given)}`,
        wayOut: `at most ${schema.maxLength} are allowed`,
      };
    return { message: `is ${shown(given)}`, wayOut: `write ${wants}` };
  }
  if (typeof given === "number") {
    return {
      message: `is ${given}`,
      wayOut: `write a number from ${schema.minimum ?? "any"} to ${schema.maximum ?? "any"}`,
    };
  }
  const count = Array.isArray(given) ? given.length : Object.keys(Object(given)).length;
  const least = schema.minItems ?? 0;
  const most = schema.maxItems ?? schema.maxProperties ?? "any number of";
  return { message: `has ${count} entries`, wayOut: `${least} to ${most} are allowed` };
}

interface FieldSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly enum?: readonly unknown[];
  readonly wants?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}
