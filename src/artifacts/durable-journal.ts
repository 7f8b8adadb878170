import { ArtifactError } from "./artifact-error.ts";
import type { TarFile } from "./tar.ts";

/**
 * Makes PySyncObj wait for the disk where RAFT demands it: an entry before it is acknowledged, term and vote before
 * they are told, a dump before the entries in it are dropped.
 *
 * As published it never does. A power cut then leaves a journal whose header tells of entries that are not there, which
 * ends Patroni at every start, or a term that goes back. The journal is a memory map: its entries are forced out before
 * the header that counts them, and the header after. Patroni writes a few entries a second at most.
 */
export function makeDurable(files: readonly TarFile[]): readonly TarFile[] {
  return files.map((file) => {
    const edits = EDITS[file.path] ?? [];
    return edits.length === 0
      ? file
      : {
          ...file,
          content: Buffer.from(
            `${NOTE}${edits.reduce((text, edit) => applied(edit, text, file.path), file.content.toString("utf8"))}`,
          ),
        };
  });
}

interface Edit {
  readonly before: string;
  readonly after: string;
}

const NOTE = "# Changed by pgha, to wait for the disk; all else is as published.\n";

const EDITS: Readonly<Record<string, readonly Edit[]>> = {
  "pysyncobj/journal.py": [
    {
      before: "        self.__journalFile.write(LAST_RECORD_OFFSET_OFFSET, struct.pack('<I', offset))\n",
      after:
        "        self.__journalFile.flush()\n        self.__journalFile.write(LAST_RECORD_OFFSET_OFFSET, " +
        "struct.pack('<I', offset))\n        self.__journalFile.flush()\n",
    },
    {
      before: "        shutil.move(self.__path + '.tmp', self.__path)\n",
      after: "        atomicReplace(self.__path + '.tmp', self.__path)\n",
    },
    {
      before: "from .version import VERSION\n",
      after: "from .atomic_replace import atomicReplace\nfrom .version import VERSION\n",
    },
  ],
  "pysyncobj/atomic_replace.py": [
    {
      before: "    atomicReplace = os.rename\n",
      after: `    def atomicReplace(oldPath, newPath):
        _sync(oldPath)
        os.rename(oldPath, newPath)
        _sync(os.path.dirname(newPath) or '.')

    def _sync(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
`,
    },
  ],
};

/** The file is pinned, so this holds until somebody raises the pin. */
function applied({ before, after }: Edit, text: string, path: string): string {
  if (text.split(before).length !== 2) {
    throw new ArtifactError(`${path} is not as pgha knows it, so its writes cannot be made durable`, {
      wayOut: "look at src/artifacts/durable-journal.ts, which belongs to one version of PySyncObj",
    });
  }
  return text.replace(before, () => after);
}
