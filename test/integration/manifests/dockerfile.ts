import { readFile } from "node:fs/promises";

/** What the image is started with. */
export interface ImageStart {
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Read from the Dockerfile. */
export async function imageStart(): Promise<ImageStart> {
  const text = (await readFile(new URL("../../../Dockerfile", import.meta.url), "utf8")).replaceAll("\\\n", " ");
  const [, entrypoint = "[]"] = /^ENTRYPOINT (.*)$/m.exec(text) ?? [];
  const pairs = [...text.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = ""]) => [
    ...line.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g),
  ]);
  return {
    entrypoint: JSON.parse(entrypoint) as readonly string[],
    environment: Object.fromEntries(pairs.map(([, name = "", quoted, bare = ""]) => [name, quoted ?? bare])),
  };
}
