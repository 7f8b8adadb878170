import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import { CommanderError } from "commander";
import { buildProgram } from "../src/cli/program.ts";
import { commandsInDocument, strangersInSource, textsIn } from "./typed/find.ts";
import { readSource } from "./typed/source.ts";
import { PLACEHOLDERS, TYPED_COMMANDS } from "./typed/commands.ts";

const ROOT = join(import.meta.dirname, "..");

function filesBelow(folder: string, extension: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => join(folder, file));
}

const DOCUMENTS = ["README.md", ...filesBelow("docs", ".md")].filter((file) => !file.startsWith("docs/decisions/"));

/** Texts of these are scripts for hosts or shells, in pieces. */
const SCRIPTS =
  /^src\/(?:facts|changes|cli\/completion|render\/image-recipe|shell\/(?:bastion|command|exec-line|kept-command|psql)|apply\/step-batch|render\/(?:container|notes)|credentials\/secret)\b/;

/** What names a program and is nothing to type. */
const PROSE = [
  "sudo for a user who may run sudo without a password",
  "sudo set up to ask for no password",
  "ssh-keygen -l prints it",
  "ssh-keyscan and compare",
  "ssh-keygen -lf prints it",
  "kubectl reads it as octal",
  "patronictl pause",
  "helm upgrade",
  "kubectl apply -k",
  "patronictl with the libraries that Patroni has here",
  "syncobj_admin -remove",
  // What is put in place of it begins another command.
  "python3 -c",
  "pgha knows a Secret for its own by the labels",
  "sh -c s=$(dd",
  "nft -s list table inet pgha | sha256sum); echo",
  'echo "\\VALUE \\VALUE" >VALUE',
  "inspect --format {{.Id}} prints it",
  "ls --no-trunc shows what is there",
  // The end of `docker exec`, which is in the list.
  "pgbouncer -d pgbouncer VALUE",
  // Patroni runs it.
  "sh -c 'VALUE' sh",
  // Of a rule of auditctl's.
  "wa -k VALUE",
  "read -r until <",
  'read -r pid <"$1/postmaster.pid" && kill -INT',
].map((words) => new RegExp(`^${escaped(words)}`));

/** A path in a form may be a value in a message. */
const FORMS: ReadonlyMap<string, RegExp> = new Map(
  TYPED_COMMANDS.map(({ form }) => [
    form,
    new RegExp(
      `^${escaped(form)
        .replaceAll(String.raw`\.\.\.`, String.raw`\S+`)
        .replaceAll(new RegExp(`(?<![A-Za-z])(?:${PLACEHOLDERS.join("|")})(?![A-Za-z])`, "g"), String.raw`[^\s\x60]+?`)
        .replaceAll(/(?<= )\/[\w./\\]+(?= )/g, "(?:$&|VALUE)")}(?=$|[\\s.,;:)'"\x60])`,
    ),
  ]),
);

/** How much of the beginning of a text one of the commands is, or a phrase that is none. */
function covers(text: string): number {
  return Math.max(0, ...[...FORMS.values(), ...PROSE].map((form) => form.exec(text)?.[0].length ?? 0));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** What the command line does not understand of these words after `pgha`, if anything. */
function refusalOf(words: readonly string[]): string | undefined {
  const nowhere = () => Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), { isTTY: false });
  const environment = {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: nowhere(),
    stderr: nowhere(),
    variables: {},
    workingDirectory: ROOT,
    signals: new EventEmitter(),
    now: () => 0,
  };
  try {
    buildProgram(environment, (command) => void command.action(() => undefined)).parse(
      words.map((word) => (word === "COMMAND" ? "plan" : word)),
      { from: "user" },
    );
    return undefined;
  } catch (error) {
    const isAnOptionsName = words.length === 2 && String(error).endsWith("argument missing");
    return (error instanceof CommanderError && error.exitCode === 0) || isAnOptionsName ? undefined : String(error);
  }
}

/** Words of `pgha ...` as a shell would give them, up to where another program or the next sentence begins. */
function wordsOf(line: string): readonly string[] {
  const [own = ""] = line.split(/ [|]|\d?>| {2,}|[,;)]|[.](?: |$)|: | and /);
  return own.split(" ").filter((word) => word !== "");
}

/** Commands of pgha's own in a line of text: each from after its name. */
function ownCommands(line: string): readonly string[] {
  return [
    ...line.matchAll(
      /(?<![\w/.-])(?:bin\/)?pgha ((?:import|validate|plan|apply|status|approve|operator|version|completion|help)\b.*)/g,
    ),
  ].map(([, rest = ""]) => rest);
}

/** Cuts prose that follows the options of a command in a message: after a verb, only options and their values count. */
function withoutProse(words: readonly string[]): readonly string[] {
  const [verb = "", ...rest] = words;
  if (verb === "approve") return [verb, rest[0] ?? "", ...withoutProse(["", ...rest.slice(1)]).slice(1)];
  const end = rest.findIndex((word, index) => !word.startsWith("-") && !(rest[index - 1] ?? "").startsWith("-"));
  return [verb, ...(end === -1 ? rest : rest.slice(0, end))];
}

describe("commands that people are told to type", () => {
  for (const document of DOCUMENTS) {
    it(`are in the list, or pgha's own, in ${document}`, () => {
      const text = readFileSync(join(ROOT, document), "utf8");
      const strangers = commandsInDocument(text).filter((line) => {
        const own = ownCommands(line)[0];
        if (PROSE.some((words) => words.test(line))) return false;
        return own === undefined ? covers(line) < line.length : covers(line) === 0 && own.includes("|");
      });
      assert.deepEqual(strangers, [], "add it to test/typed/commands.ts, with how it is run");
    });

    it(`are understood by pgha in ${document}`, () => {
      const text = readFileSync(join(ROOT, document), "utf8");
      const refused = commandsInDocument(text)
        .flatMap(ownCommands)
        .map((line) => [line, refusalOf(wordsOf(line))])
        .filter(([, refusal]) => refusal !== undefined);
      assert.deepEqual(refused, []);
    });
  }

  const sources = filesBelow("src", ".ts").filter((file) => !SCRIPTS.test(file));

  it("are in the list, whatever message prints them", () => {
    const strangers = sources.flatMap((file) =>
      strangersInSource(readSource(join(ROOT, file)), covers)
        .filter((rest) => !ownCommands(rest).some((own) => !own.includes("|")))
        .filter((rest) => !isOwnOption(rest))
        .map((rest) => `${file}: ${rest}`),
    );
    assert.deepEqual(
      strangers,
      [],
      "add it to test/typed/commands.ts, with how it is run; or to PROSE, if nobody types it",
    );
  });

  it("are understood by pgha, whatever message prints them", () => {
    const refused = sources.flatMap((file) =>
      textsIn(readSource(join(ROOT, file)))
        .flatMap(ownCommands)
        .map((line) => [file, line, refusalOf(withoutProse(wordsOf(line)))])
        .filter(([, , refusal]) => refusal !== undefined),
    );
    assert.deepEqual(refused, []);
  });

  it("are all still printed somewhere", () => {
    const printed = [
      ...DOCUMENTS.flatMap((file) => commandsInDocument(readFileSync(join(ROOT, file), "utf8"))),
      ...sources.flatMap((file) => textsIn(readSource(join(ROOT, file)))),
    ];
    const unused = [...FORMS].filter(
      ([, form]) => !printed.some((text) => new RegExp(form.source.slice(1)).test(text)),
    );
    assert.deepEqual(
      unused.map(([form]) => form),
      [],
    );
  });

  it("are found wherever they may stand", () => {
    const none = () => 0;
    assert.deepEqual(
      commandsInDocument("Run `systemctl\nstop x`, or `patroni`:\n\n    frobnicate --all   # why\n    no command\n"),
      ["frobnicate --all", "systemctl stop x"],
    );
    assert.deepEqual(
      strangersInSource('const x = `On ${host}: journalctl -u ${unit("a")}.`; // systemctl stop x', none),
      ["journalctl -u VALUE."],
    );
    assert.deepEqual(strangersInSource('wayOut: "log in and run frobnicate --all there"', none), [
      "frobnicate --all there",
    ]);
    assert.deepEqual(strangersInSource('"check it with haproxy -c -f FILE; mount it"', none), [
      "haproxy -c -f FILE; mount it",
    ]);
    assert.deepEqual(strangersInSource("sh`systemctl stop ${unit}`", none), []);
  });
});

/** An option of pgha's own, named without its command: "say --env". */
function isOwnOption(rest: string): boolean {
  const option = /^[\w-]+ (--?[a-z-]+)/.exec(rest)?.[1];
  return option !== undefined && OWN_OPTIONS.has(option);
}

const OWN_OPTIONS: ReadonlySet<string> = new Set(
  filesBelow("src/cli", ".ts").flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/(?:option|Option)\(\s*"([^"]+)"/g)].flatMap(([, flags = ""]) =>
      [...flags.matchAll(/--?[a-z-]+/g)].map(([flag]) => flag),
    ),
  ),
);
