import { stampOf } from "../../src/desired/notes.ts";
import type { UnitFact } from "../../src/facts/types.ts";
import { serviceOf, textInForce } from "./model-units.ts";
import { sha256Of } from "./read-once.ts";

export interface ModelFile {
  content: string;
  readonly owner: string;
  readonly group: string;
  mode: number;
  /** Another one after each time that somebody wrote it. */
  readonly revision: number;
}

type Files = ReadonlyMap<string, ModelFile>;

interface Noted {
  readonly from: ReadonlyMap<string, string>;
  readonly read: ReadonlyMap<string, number | undefined>;
}

/** What is noted of processes: the digests of what each was started from, and the revisions that it read. */
export class ModelNotes {
  readonly #noted: Map<string, Noted>;

  constructor(noted: ReadonlyMap<string, Noted> = new Map()) {
    this.#noted = new Map(noted);
  }

  copy(): ModelNotes {
    return new ModelNotes(this.#noted);
  }

  started(unit: string, files: Files, artifacts: ReadonlyMap<string, string>): void {
    const { unitFile, startsFrom, reads } = serviceOf(unit, files);
    const stamps = [...artifacts].map(([path, digest]) => [stampOf(path), sha256Of(`${digest}\n`)] as const);
    const from = [unitFile, ...startsFrom].map((path) => [path, sha256Of(files.get(path)?.content ?? "")] as const);
    this.#noted.set(unit, { from: new Map([...from, ...stamps]), read: new Map() });
    this.read(unit, files, reads);
  }

  read(unit: string, files: Files, paths: readonly string[]): void {
    const { from = new Map(), read = new Map() } = this.#noted.get(unit) ?? {};
    const now = paths.map((path) => [path, files.get(path)?.revision] as const);
    this.#noted.set(unit, { from, read: new Map([...read, ...now]) });
  }

  /** Of a file that was replaced by one that is the same in all that its process would read. */
  keep(unit: string, path: string, before: ModelFile | undefined, files: Files): void {
    const isRead = before !== undefined && this.#noted.get(unit)?.read.get(path) === before.revision;
    if (isRead && textInForce(before.content) === textInForce(files.get(path)?.content ?? ""))
      this.read(unit, files, [path]);
  }

  of(unit: string): Pick<UnitFact, "startedFrom" | "read"> {
    const noted = this.#noted.get(unit);
    if (noted === undefined) return {};
    const read = Object.fromEntries([...noted.read].map(([path, revision]) => [path, String(revision)]));
    return { startedFrom: Object.fromEntries(noted.from), read };
  }
}
