import { inspect } from "node:util";

/**
 * A value that may reach a host on standard input and nowhere else: printed, logged, put into JSON or into a
 * template string it shows as `***`. `sh` refuses it, by type and at run time; withStdin takes it.
 */
export interface Secret {
  readonly kind: "secret";
  /** The text itself. Only for what is sent to a host's standard input or written to a private file. */
  reveal(): string;
  /** Always `***`. */
  toString(): string;
}

const mask = "***";

/** Wraps a text so that it cannot be shown by accident. */
export function secret(text: string): Secret {
  // A closure, not a property: no inspector or serialiser finds the text by walking the object.
  const wrapped = {
    kind: "secret" as const,
    reveal: () => text,
    toString: () => mask,
    toJSON: () => mask,
    [inspect.custom]: () => mask,
  };
  return Object.freeze(wrapped);
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "secret";
}
