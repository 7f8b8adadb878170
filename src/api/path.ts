import { shownName } from "./shown.ts";

/** Where a value is inside a resource, from the top. */
export type Path = readonly (string | number)[];

/** `spec.hosts[1].address`; a name that could be taken for a path is quoted: `parameters["a.b"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((before, part) => {
    if (typeof part === "number") return `${before}[${part}]`;
    const name = shownName(part);
    if (name !== part) return `${before}[${name}]`;
    return before === "" ? name : `${before}.${name}`;
  }, "");
}

/** The path that a JSON pointer names inside `root`. A part is an index where the value around it is a list. */
export function fromPointer(pointer: string, root: unknown): Path {
  const path: (string | number)[] = [];
  let around = root;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(around) ? Number(name) : name);
    around = child(around, name);
  }
  return path;
}

/** The value at a path, or undefined. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(child, root);
}

/** True when `inner` is `outer` or inside it. Both as formatPath writes them. */
export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || (inner.startsWith(outer) && (inner[outer.length] === "." || inner[outer.length] === "["));
}

function child(around: unknown, part: string | number): unknown {
  return typeof around === "object" && around !== null && Object.hasOwn(around, part)
    ? (around as Readonly<Record<string, unknown>>)[part]
    : undefined;
}
