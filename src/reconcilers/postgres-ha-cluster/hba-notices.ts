import { loginsInWords, wayInWords } from "../../api/hba/in-words.ts";
import { readHbaLine } from "../../api/hba/line.ts";
import type { HbaLine } from "../../api/hba/line.ts";
import { narrowed } from "../../api/hba/narrowed.ts";
import type { Narrowed } from "../../api/hba/narrowed.ts";
import { lineOfRule } from "../../api/hba/rule.ts";
import { SYSTEM_ROLES } from "../../api/index.ts";
import type { HbaFact } from "../../facts/hba-rules.ts";
import { NOTICES } from "../../plan/notices.ts";
import type { Notice } from "../../plan/notices.ts";

/**
 * Whom these lines let in no more, or not as easily, than the rules of a running PostgreSQL do. Sessions that are open
 * stay.
 */
export function hbaNotices(lines: readonly string[], version: number, running: HbaFact | undefined): readonly Notice[] {
  if (running === undefined) return [];
  // One that cannot match at present lets nobody in.
  const before = running.rules.flatMap((rule) => (rule.error === "" ? (lineOfRule(rule) ?? []) : []));
  const after = lines.flatMap((line): readonly HbaLine[] => {
    const read = readHbaLine(line, version);
    return "fault" in read ? [] : [read.line];
  });
  // The same is said once, of all whom it is about.
  const said = new Map<string, { readonly of: (logins: readonly string[]) => Notice; readonly logins: Set<string> }>();
  for (const one of narrowed(before, after)) {
    if (one.kind === "asked" && isOwn(one.whom)) continue;
    const of = noticeOf(one);
    const key = of(["whom"]).words;
    const { logins } = said.get(key) ?? { logins: new Set<string>() };
    said.set(key, { of, logins: logins.add(loginsInWords(one.whom)) });
  }
  return [...said.values()].map(({ of, logins }) => of([...logins]));
}

function noticeOf(one: Narrowed): (logins: readonly string[]) => Notice {
  if (one.kind === "refused") {
    const beside = one.beside.filter((line) => !isOwn(line)).map(loginsInWords);
    return (logins) => NOTICES.loginsRefused(logins, [...new Set(beside)]);
  }
  const [way, before] = [wayInWords(one.by), wayInWords(one.before)];
  return (logins) =>
    way === before ? NOTICES.loginsAskedOtherwise(logins, way) : NOTICES.loginsAsked(logins, way, before);
}

/** Members come in by lines of pgha's own, which say nothing to anybody else. */
function isOwn({ users }: HbaLine): boolean {
  return users.every(({ text }) => OWN.has(text));
}

const OWN: ReadonlySet<string> = new Set(Object.values(SYSTEM_ROLES));
