import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..", "src");

/** Every import between files of src, lazy ones too; type-only ones are marked. */
function importsOf(file: string): readonly { readonly target: string; readonly typeOnly: boolean }[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+"(\.[^"]+)";|\bimport\("(\.[^"]+)"\)/gm)].map(
    ([, type, target = "", lazy = target]) => ({
      target: relative(ROOT, join(ROOT, dirname(file), lazy)),
      typeOnly: type !== undefined,
    }),
  );
}

const FILES = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** A door that stays shut: files that match `from` may not import values of files that match `to`. */
interface ShutDoor {
  readonly from: RegExp;
  readonly to: RegExp;
  readonly because: string;
  /** Types of the other room are harmless here. */
  readonly typesMayPass: boolean;
}

const SHUT: readonly ShutDoor[] = [
  {
    from: /^reconcilers\/[^/]+\/desire\.ts$/,
    to: /^facts\//,
    typesMayPass: true,
    because: "what is desired never depends on what is there",
  },
  { from: /^plan\//, to: /^shell\//, typesMayPass: false, because: "a plan is made without touching anything" },
  {
    from: /^plan\//,
    to: /^(apply|reconcilers|cli|operator|runtime)\//,
    typesMayPass: false,
    because: "rooms import in one direction",
  },
  {
    from: /^reconcilers\/[^/]+\/plan\.ts$/,
    to: /^(shell|apply)\//,
    typesMayPass: false,
    because: "a plan is made without touching anything",
  },
  {
    from: /^reconcilers\/[^/]+\/report\.ts$/,
    to: /^(shell|apply)\//,
    typesMayPass: false,
    because: "a report is about what was seen, not a second look",
  },
  {
    from: /^apply\//,
    to: /^facts\//,
    typesMayPass: true,
    because: "apply takes steps; it does not look whether they are needed",
  },
  {
    from: /^changes\//,
    to: /^(apply|plan|reconcilers|cli)\//,
    typesMayPass: false,
    because: "a change knows nothing of who takes it",
  },
  {
    from: /^facts\//,
    to: /^(changes|plan|apply|reconcilers|cli|render)\//,
    typesMayPass: false,
    because: "a fact is a question, not a judgement",
  },
  {
    from: /^render\//,
    to: /^(facts|shell|changes|plan|apply|reconcilers|cli|api)\//,
    typesMayPass: false,
    because: "renderers turn plain data into text",
  },
  {
    from: /^shell\//,
    to: /^(facts|changes|plan|apply|reconcilers|cli|api|render|credentials|state)\//,
    typesMayPass: false,
    because: "the shell knows commands, not what they are for",
  },
  {
    from: /^api\//,
    to: /^(facts|changes|plan|apply|reconcilers|cli|shell(?!\/(host-key|known-hosts)\.ts)|render|state|runtime)\//,
    typesMayPass: false,
    because: "the API is what people write, before anything is known",
  },
  {
    from: /^(?!cli\/|main\.ts)/,
    to: /^cli\//,
    typesMayPass: false,
    because: "the engine is the same with and without a command line",
  },
  {
    from: /^runtime\//,
    to: /^(api|facts|changes|plan|apply|reconcilers|cli|render)\//,
    typesMayPass: false,
    because: "the runtime knows keys and objects, not what they mean",
  },
];

for (const door of SHUT) {
  test(`${door.from.source} does not import ${door.to.source}: ${door.because}`, () => {
    const through = FILES.filter((file) => door.from.test(file)).flatMap((file) =>
      importsOf(file)
        .filter(({ target, typeOnly }) => door.to.test(target) && !(typeOnly && door.typesMayPass))
        .map(({ target }) => `${file} -> ${target}`),
    );
    assert.deepEqual(through, []);
  });
}

/** Words of one value: where they stand elsewhere, somebody knows what is to be asked of the value. */
interface KeptWord {
  readonly word: RegExp;
  /** The value's own rooms, and what people go by. */
  readonly home: RegExp;
  readonly because: string;
}

const KEPT: readonly KeptWord[] = [
  {
    word: /raft|pysyncobj/i,
    home: new RegExp(
      [
        String.raw`^(facts|plan|render|reconcilers)\/dcs\/|^reconcilers\/dcs\.ts$|^artifacts\/`,
        // The schema of the API, the manifest that is made of an inventory, metrics and reasons: names that people use.
        String.raw`^api\/(derived|patroni|postgres-ha-cluster|cluster-status|rules\/cel)\.ts$|^inventory\/manifest\.ts$`,
        String.raw`^operator\/metrics\.ts$|^reasons\.ts$`,
      ].join("|"),
    ),
    because: "which DCS a cluster has is known in one place, and what it is like is asked of the value",
  },
  {
    word: new RegExp(
      String.raw`(patroni|haproxy|pgbouncer|postgresql)\.service|/etc/(patroni|pgha)/|/etc/systemd/system|` +
        "/run/pgha-(haproxy|pgbouncer)|/usr/sbin/(haproxy|pgbouncer)",
    ),
    home: /^desired\/services\.ts$/,
    because: "what a service is called and where it lies is said once, and every layer reads it there",
  },
  {
    word: /systemctl|journalctl/,
    // Plans have them in words for people. The last is about sshd's own journal.
    home: /^changes\/systemd\.ts$|^facts\/systemd\/|^(plan|reconcilers)\/|^shell\/ssh-failure\.ts$/,
    because: "one file of changes speaks to systemd and one room of facts asks it",
  },
];

for (const { word, home, because } of KEPT) {
  test(`${word.source} is named in its own rooms alone: ${because}`, () => {
    const named = FILES.filter((file) => word.test(readFileSync(join(ROOT, file), "utf8")));
    assert.deepEqual(
      named.filter((file) => !home.test(file)),
      [],
    );
    assert.ok(named.length > 0);
  });
}

test("every door's files exist, so that none is shut on an empty room", () => {
  for (const door of SHUT)
    assert.ok(
      FILES.some((file) => door.from.test(file)),
      door.from.source,
    );
});

/** Files that import each other in a circle, types too: wherever one begins to read, what it rests on comes later. */
function circles(): readonly string[] {
  const walked = new Set<string>();
  const circlesFrom = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" -> ")];
    if (walked.has(file)) return [];
    walked.add(file);
    return [...new Set(importsOf(file).map(({ target }) => target))].flatMap((target) =>
      circlesFrom(target, [...path, file]),
    );
  };
  return FILES.flatMap((file) => circlesFrom(file, []));
}

test("no files import each other in a circle, not even for a type or lazily", () => {
  const found = circles();
  assert.equal(
    found.length,
    0,
    "These files import each other in a circle; move what one takes from the other into the lower of them, " +
      `or into a file of its own:\n${found.join("\n")}`,
  );
});

test("no file holds two things: none is longer than 250 lines, and the median is short", () => {
  const lengths = FILES.map((file) => ({ file, lines: readFileSync(join(ROOT, file), "utf8").split("\n").length }));
  assert.deepEqual(
    lengths.filter(({ lines }) => lines > 250),
    [],
  );
  const sorted = lengths.map(({ lines }) => lines).toSorted((left, right) => left - right);
  assert.ok((sorted[Math.floor(sorted.length / 2)] ?? 0) <= 80);
});

test("no line of src is wider than 120 columns", () => {
  // An address cannot be broken.
  const isAddress = (line: string): boolean => /^\s*(?:\/\/|\*|\/\*\*) https?:\/\/\S+(?: \*\/)?$/.test(line);
  const wide = FILES.flatMap((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .flatMap((line, index) => (Array.from(line).length > 120 && !isAddress(line) ? [`${file}:${index + 1}`] : [])),
  );
  assert.deepEqual(wide, []);
});

/** Packages that a file imports, type-only ones apart; Node's own modules left out. */
function packagesOf(file: string): readonly { readonly name: string; readonly typeOnly: boolean }[] {
  const text = readFileSync(join(ROOT, "..", file), "utf8");
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?[^;]*?from\s+"([^".][^"]*)";|\bimport\("([^".][^"]*)"\)/gm),
  ];
  return found
    .map(([, type, name = "", dynamic]) => ({
      name: /^(?:@[^/]+\/)?[^/]+/.exec(dynamic ?? name)?.[0] ?? "",
      typeOnly: type !== undefined,
    }))
    .filter(({ name }) => !name.startsWith("node:"));
}

test("every package that is imported is asked for in package.json, not only by another package", () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, "..", "package.json"), "utf8"),
  ) as Readonly<Record<"dependencies" | "devDependencies", object>>;
  const files = ["src", "test", "bench"].flatMap((folder) =>
    readdirSync(join(ROOT, "..", folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  const imports = files.flatMap((file) => packagesOf(file).map((one) => ({ file, ...one })));
  assert.ok(imports.some(({ name, typeOnly }) => name === "node-ssh" && !typeOnly));
  // What only tests and types need is not there when pgha runs.
  const asked = ({ file, name, typeOnly }: (typeof imports)[number]): boolean =>
    name in dependencies || (name in devDependencies && (typeOnly || !file.startsWith("src/")));
  assert.deepEqual(
    imports.filter((one) => !asked(one)).map(({ file, name }) => `${file} -> ${name}`),
    [],
  );
});

test("process.exit is called in main.ts alone", () => {
  assert.deepEqual(
    FILES.filter((file) => file !== "main.ts" && /\bprocess\.exit\(/.test(readFileSync(join(ROOT, file), "utf8"))),
    [],
  );
});

test("no hook reaches the tests of another file: unit tests share a process, so a hook stands in its describe", () => {
  const files = ["unit", "properties"].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      join(folder, file),
    ),
  );
  const tests = files.filter((file) => file.endsWith(".test.ts"));
  assert.ok(tests.length > 100);
  assert.deepEqual(
    tests.filter((file) => /^(before|after)Each\(/m.test(readFileSync(join(import.meta.dirname, file), "utf8"))),
    [],
  );
});
