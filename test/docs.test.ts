import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "node:test";

const ROOT = join(import.meta.dirname, "..");

function filesBelow(folder: string, extension: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => join(folder, file));
}

/**
 * Where a reason stands in the sources. Each pattern captures the text in which reasons are quoted: a ternary names
 * two. A new way of naming one belongs here.
 */
const PLACES: readonly RegExp[] = [
  // reason: "X", reason: condition ? "X" : "Y", reason ?? "X"
  /\breason(?::| \?\?)([^,;}]*)/g,
  // found.block("X", ...), found.warn("X", ...)
  /\.(?:block|warn)\(("[A-Z]\w+")/g,
  // Helpers that take a reason after what it is about: blocker(wish, host, "X", unseen(host, "X", refusal("X", letGo(live, "X"
  /\b(?:blocker|unseen|refusal|refused|letGo)\((?:[\w.]+, )*("[A-Z]\w+")/g,
  // Events: announcer.normal(stored, "X", announcer.warning(stored, "X"
  /\.(?:normal|warning)\([\w.()]+, ([^;`]*?), ["`]/g,
];

/** Not reasons, though they are written like one. */
const OTHERS: ReadonlySet<string> = new Set(["True", "False", "Unknown"]);

function reasonsIn(text: string): readonly string[] {
  // What is compared with is no reason: reason: policy === "Stop" ? "Stopped" : "Purged"
  const told = text
    .replaceAll(/\s+/g, " ")
    .replaceAll("( ", "(")
    .replaceAll(/[!=]== "\w+"/g, "");
  return PLACES.flatMap((place) =>
    [...told.matchAll(place)].flatMap(([, words = ""]) =>
      [...words.matchAll(/"([A-Z][A-Za-z]+)"/g)].map(([, reason = ""]) => reason),
    ),
  );
}

/** Every reason, with a file that names it. */
const REASONS: ReadonlyMap<string, string> = new Map(
  filesBelow("src", ".ts").flatMap((file) =>
    reasonsIn(readFileSync(join(ROOT, file), "utf8"))
      .filter((reason) => !OTHERS.has(reason))
      .map((reason) => [reason, file] as const),
  ),
);

function headingsOf(file: string): readonly string[] {
  const outsideFences = readFileSync(join(ROOT, file), "utf8").replaceAll(/^```.*?^```$/gms, "");
  return [...outsideFences.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => heading.trim());
}

describe("docs/operations.md", () => {
  it("finds reasons in every way the sources name them", () => {
    const text =
      'reason: policy === "Not" ? "OneWay" : "OtherWay", x; details.reason ?? "ByDefault"; found.block("Blocked", "Not this"); blocker(wish, member.name, "OfMember", "Nor This"); unseen(shell.host, "OfLook", x); warning(stored, "Never")';
    assert.deepEqual(reasonsIn(text), ["OneWay", "OtherWay", "ByDefault", "Blocked", "OfMember", "OfLook"]);
    for (const known of [
      "HostKeyChanged",
      "VolumeMissing",
      "DataOnMinority",
      "NoWriteServer",
      "SeveralWriteServers",
      "HostUnreachable",
      "LookFailed",
      "Converged",
    ]) {
      assert.ok(REASONS.has(known), `${known} is not found any more: a pattern of PLACES has lost its place`);
    }
  });

  const headings = headingsOf("docs/operations.md");

  it("has a heading for every reason", () => {
    const missing = [...REASONS]
      .filter(([reason]) => !headings.includes(reason))
      .map(([reason, file]) => `${reason} (${file})`);
    assert.deepEqual(missing, [], "write what it means, what to look at and what to do, under a heading of that name");
  });

  it("has one heading a reason, so that a link leads to one place", () => {
    assert.deepEqual(
      headings.filter((heading, index) => headings.indexOf(heading) !== index),
      [],
    );
  });
});

describe("links between the documents", () => {
  const documents = ["README.md", "CONTRIBUTING.md", ...filesBelow("docs", ".md"), ...filesBelow("src", ".md")].filter(
    (file) => existsSync(join(ROOT, file)),
  );

  for (const document of documents) {
    it(`resolve in ${document}`, () => {
      const text = readFileSync(join(ROOT, document), "utf8")
        .replaceAll(/^```.*?^```$/gms, "")
        .replaceAll(/`[^`\n]*`/g, "");
      const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = ""]) => link)
        .filter((link) => !/^[a-z]+:/.test(link) && !resolves(document, link));
      assert.deepEqual(broken, []);
    });
  }

  it("lead to files and headings, not merely to folders that exist", () => {
    assert.equal(resolves("README.md", "docs/operations.md#hostkeychanged"), true);
    assert.equal(resolves("README.md", "docs/operations.md#no-such-heading"), false);
    assert.equal(resolves("README.md", "docs/no-such-file.md"), false);
  });
});

function resolves(document: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? document : relative(ROOT, resolve(ROOT, dirname(document), path));
  if (!existsSync(join(ROOT, target))) return false;
  return (
    anchor === undefined ||
    !target.endsWith(".md") ||
    headingsOf(target).some((heading) => anchorOf(heading) === anchor)
  );
}

/** As GitHub makes them: lower case, blanks to dashes, punctuation gone. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}
