/** What a table says of a word that somebody wrote: never a word that every object has, such as `constructor`. */
export function entryOf<Entry>(table: Readonly<Record<string, Entry>>, word: string): Entry | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
