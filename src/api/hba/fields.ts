/** One word of a field, with whether it was quoted: a quoted keyword is a name. */
export interface HbaWord {
  readonly text: string;
  readonly quoted: boolean;
}

/** A field is a list: words with commas between them. */
export type HbaField = readonly HbaWord[];

/**
 * The fields of one line as PostgreSQL's tokenizer reads them (next_token in src/backend/libpq/hba.c): words end at
 * blanks and commas, a comma goes on with the field, quotation marks keep all together and may stand anywhere, `""` in
 * them is one mark, and # begins a comment. Undefined when a quotation mark lacks its partner.
 */
export function fieldsOf(line: string): readonly HbaField[] | undefined {
  const fields: HbaWord[][] = [];
  let goesOn = false;
  let rest = line;
  for (;;) {
    rest = rest.replace(/^[ \t\r,]+/, "");
    if (rest === "" || rest.startsWith("#")) return fields;
    const word = nextWord(rest);
    if (word === undefined) return undefined;
    const { text, quoted, end } = word;
    if (goesOn) fields.at(-1)?.push({ text, quoted });
    else fields.push([{ text, quoted }]);
    goesOn = rest[end] === ",";
    rest = rest.slice(goesOn ? end + 1 : end);
  }
}

function nextWord(rest: string): (HbaWord & { readonly end: number }) | undefined {
  let text = "";
  let isInside = false;
  for (let at = 0; at <= rest.length; at += 1) {
    const mark = rest[at];
    if (mark === undefined) return isInside ? undefined : { text, quoted: rest.startsWith('"'), end: at };
    if (!isInside && /[ \t\r,#]/.test(mark)) return { text, quoted: rest.startsWith('"'), end: at };
    if (mark === '"') {
      // A mark right after the one that closes is one that stands for itself.
      if (isInside && rest[at + 1] === '"') {
        text += mark;
        at += 1;
      } else isInside = !isInside;
    } else text += mark;
  }
  return undefined;
}
