import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import { REASONS } from "../src/reasons.ts";

const ROOT = join(import.meta.dirname, "..");

function filesBelow(folder: string, extension: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => join(folder, file));
}

function headingsOf(file: string): readonly string[] {
  const outsideFences = readFileSync(join(ROOT, file), "utf8").replaceAll(/^```.*?^```$/gms, "");
  return [...outsideFences.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => heading.trim());
}

describe("docs/operations.md", () => {
  const headings = headingsOf("docs/operations.md");

  it("has a heading for every reason", () => {
    const missing = REASONS.filter((reason) => !headings.includes(reason));
    assert.deepEqual(missing, [], "write what it means, what to look at and what to do, under a heading of that name");
  });

  it("tells of reasons that there are", () => {
    const texts = filesBelow("src", ".ts")
      .filter((file) => file !== join("src", "reasons.ts"))
      .map((file) => readFileSync(join(ROOT, file), "utf8"));
    assert.deepEqual(
      REASONS.filter((reason) => !texts.some((text) => text.includes(`"${reason}"`))),
      [],
      "nothing gives these reasons: take them out of src/reasons.ts, and their headings",
    );
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
