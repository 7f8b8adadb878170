import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readDocuments } from "../api/yaml.ts";
import { readSecret } from "../api/secret-document.ts";
import { formatSecret, readSecretDocument } from "../credentials/secret.ts";
import type { SecretDocument } from "../credentials/secret.ts";
import { formatProblem } from "../errors.ts";
import { privateFolder, readPrivateFile, writePrivateFile } from "./private-file.ts";
import { formatRecord, parseRecord } from "./record-text.ts";
import { StateError } from "./state-error.ts";
import { NOTHING_RECORDED } from "./store.ts";
import type { OwnStore } from "./store.ts";

/**
 * A state folder: `secrets/<name>.yaml`, each a Kubernetes Secret (so `kubectl apply -f .pgha/secrets` moves them into
 * a cluster), and `status/<kind>.<name>.yaml`. Folders are 0700 and files 0600, and a folder that others can look into
 * is refused. Its own .gitignore keeps it out of a repository.
 *
 * Makes the folder if it is not there. Throws StateError.
 */
export async function openFolderStore(path: string): Promise<OwnStore> {
  const secrets = join(path, "secrets");
  const status = join(path, "status");
  await privateFolder(path);
  await privateFolder(secrets);
  await privateFolder(status);
  const ignore = join(path, ".gitignore");
  if ((await readPrivateFile(ignore)) === undefined) {
    await writePrivateFile(ignore, "# Passwords. Never to be committed.\n*\n");
  }
  // While a file says the same, what it holds is the same object: whatever was made from it need not be made anew.
  const readSecretFile = readOnce(parseSecretFile);
  const readRecordFile = readOnce((text, file) => (text === undefined ? NOTHING_RECORDED : parseRecord(text, file)));
  return {
    place: path,
    readSecrets: async () => {
      const names = (await readdir(secrets)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).toSorted();
      const read = await Promise.all(names.map(async (name) => await readSecretFile(join(secrets, name))));
      return new Map(read.map((secret) => [secret.name, secret]));
    },
    writeSecret: async (secret) =>
      await writePrivateFile(join(secrets, `${fileName(secret.name)}.yaml`), formatSecret(secret)),
    readRecords: async () => {
      const files = (await readdir(status)).flatMap((file) => {
        const [, kind, name] = /^([A-Za-z]+)\.(.+)\.yaml$/.exec(file) ?? [];
        return kind === undefined || name === undefined
          ? []
          : [{ resource: `${kind}/${name}`, file: join(status, file) }];
      });
      const read = files.map(async ({ resource, file }) => [resource, await readRecordFile(file)] as const);
      return new Map(await Promise.all(read));
    },
    removeRecord: async (kind, name) =>
      await rm(join(status, `${fileName(kind)}.${fileName(name)}.yaml`), { force: true }),
    readRecord: async (kind, name) => await readRecordFile(join(status, `${fileName(kind)}.${fileName(name)}.yaml`)),
    writeRecord: async (kind, name, facts) =>
      await writePrivateFile(join(status, `${fileName(kind)}.${fileName(name)}.yaml`), formatRecord(kind, name, facts)),
    deleteSecret: async (name) => await rm(join(secrets, `${fileName(name)}.yaml`), { force: true }),
    deleteRecord: async (kind, name) =>
      await rm(join(status, `${fileName(kind)}.${fileName(name)}.yaml`), { force: true }),
  };
}

/** Reads private files, and what each holds anew only when its text is another. */
function readOnce<T>(parse: (text: string | undefined, path: string) => T): (path: string) => Promise<T> {
  const last = new Map<string, { readonly text: string | undefined; readonly value: T }>();
  return async (path) => {
    const text = await readPrivateFile(path);
    const known = last.get(path);
    if (known !== undefined && known.text === text) return known.value;
    const value = parse(text, path);
    last.set(path, { text, value });
    return value;
  };
}

function parseSecretFile(text: string | undefined, path: string): SecretDocument {
  const refuse = (what: string) =>
    new StateError(
      `${path} ${what}`,
      "mend the file, put it back from a backup, or move it away: a password that is lost is made anew and " +
        "no longer fits PostgreSQL's",
    );
  const { documents, problems } = readDocuments(text ?? "", path);
  const [document, ...more] = documents;
  if (problems.length > 0) {
    throw refuse(`cannot be read: ${problems.map(formatProblem).join("; ")}`);
  }
  if (typeof document !== "object" || document === null || more.length > 0) {
    throw refuse("does not hold exactly one Secret");
  }
  const written = readSecret(document as Readonly<Record<string, unknown>>, path);
  const held = written.secret === undefined ? undefined : readSecretDocument(written.secret);
  if (held?.secret === undefined || !path.endsWith(`/${held.secret.name}.yaml`)) {
    throw refuse(
      held?.secret === undefined
        ? `is no usable Secret: ${[...written.problems, ...(held?.problems ?? [])].map(formatProblem).join("; ")}`
        : `holds the Secret ${held.secret.name}; the file must have its name`,
    );
  }
  return held.secret;
}

/** Names come from manifests. What is no plain name must not become a path. */
function fileName(name: string): string {
  if (!/^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/.test(name) || name.includes("..") || name.length > 200) {
    throw new TypeError("not a name that can be a file's");
  }
  return name;
}
