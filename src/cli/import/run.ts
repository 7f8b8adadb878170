import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PghaError } from "../../errors.ts";
import { importInventory } from "../../inventory/index.ts";
import { printable } from "../../text/printable.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { readInventoryFile } from "./inventory-file.ts";
import { scanHost } from "./scan-host.ts";
import { keepSshKey, readSshKey } from "./ssh-key.ts";

export interface ImportOptions {
  readonly allowSingleMember?: boolean;
  readonly baseline?: boolean;
  readonly clientNetworks?: readonly string[];
  readonly databases?: readonly string[];
  readonly dataVolume?: string;
  readonly db?: string;
  readonly env?: string;
  readonly force?: boolean;
  readonly images?: string;
  readonly name?: string;
  readonly output?: string;
  readonly postgresVersion?: number;
  readonly proxies?: string;
  readonly roles?: readonly string[];
  readonly runtime?: "systemd" | "container";
  readonly scanHostKeys?: boolean;
  readonly sshKey?: string;
  readonly sshKeySecret: string;
  readonly sshUser?: string;
  readonly state?: string;
}

/** Makes a manifest, and keeps the SSH key where it is found. Writes nothing before all of it is known to be sound. */
export async function runImport(options: ImportOptions, { environment, screen, command }: Invocation): Promise<number> {
  const here = environment.workingDirectory;
  const [path] = command.args;
  const output = options.output === undefined ? undefined : resolve(here, options.output);
  const stateFolder = resolve(here, options.state ?? join(output === undefined ? here : dirname(output), ".pgha"));
  const keyText = options.sshKey === undefined ? undefined : await readSshKey(resolve(here, options.sshKey));
  if (keyText !== undefined && path === undefined && isOnlyAboutTheKey(options)) {
    screen.remark(await keepSshKey(stateFolder, options.sshKeySecret, keyText, options.sshKey ?? ""));
    return EXIT.ok;
  }
  refuseToOverwrite(output, options);

  const { file, text } = await readInventoryFile(path, here);
  screen.remark(screen.style.dim(`reading ${printable(file)}`) + "\n");
  const { scanHostKeys, ...rest } = options;
  const { manifestText, notes } = await importInventory({
    ...rest,
    db: options.db,
    text,
    file,
    ...(scanHostKeys === true ? { scan: scanHost } : {}),
  });
  if (keyText !== undefined) {
    screen.remark(await keepSshKey(stateFolder, options.sshKeySecret, keyText, options.sshKey ?? ""));
  }
  if (output === undefined) {
    screen.print(manifestText);
  } else {
    await writeFile(output, manifestText, { flag: options.force === true ? "w" : "wx" });
  }
  notes.forEach((note) => screen.remark(`${printable(note)}\n`));
  if (output !== undefined) {
    screen.remark(
      `${screen.style.good("✓")} wrote ${printable(options.output ?? "")}; next: pgha plan -f ` +
        `${printable(options.output ?? "")}\n`,
    );
  }
  return EXIT.ok;
}

function isOnlyAboutTheKey({ db, proxies, env, output }: ImportOptions): boolean {
  return db === undefined && proxies === undefined && env === undefined && output === undefined;
}

function refuseToOverwrite(output: string | undefined, { output: shown, force }: ImportOptions): void {
  if (output !== undefined && force !== true && existsSync(output)) {
    throw new PghaError(`${shown} exists already`, {
      reason: "FileExists",
      retry: "never",
      wayOut: "write to another file, or say --force to overwrite it",
    });
  }
}
