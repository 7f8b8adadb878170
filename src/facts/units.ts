import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import type { UnitFact } from "./types.ts";

/** systemd units by name, from one `systemctl show`. A unit that does not exist has loadState `not-found`. */
export function unitsFact(names: readonly string[]): Fact<Readonly<Record<string, UnitFact>>> {
  if (names.length === 0) {
    return { command: sh`true`, parse: () => ({}) };
  }
  return {
    command: sh`systemctl show --property LoadState,ActiveState,SubState,UnitFileState,MainPID,NeedDaemonReload,NRestarts -- ${names}`,
    parse: (output) => parse(output, names),
  };
}

/** One block of lines per name, in the order asked, an empty line between (systemctl(1), show). */
function parse({ exitCode, stdout }: FactOutput, names: readonly string[]): Readonly<Record<string, UnitFact>> {
  const blocks = stdout.trim().split(/\n\n+/);
  if (exitCode !== 0 || blocks.length !== names.length) {
    throw new Error(
      exitCode === 127 ? "there is no systemctl on the host" : `systemctl show failed with exit code ${exitCode}`,
    );
  }
  return Object.fromEntries(names.map((name, index) => [name, unitFact(blocks[index] ?? "")]));
}

function unitFact(block: string): UnitFact {
  const properties = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const text = (property: string): string => properties.get(property) ?? "";
  return {
    loadState: text("LoadState"),
    activeState: text("ActiveState"),
    subState: text("SubState"),
    unitFileState: text("UnitFileState"),
    mainPid: Number(properties.get("MainPID") ?? 0),
    needsDaemonReload: text("NeedDaemonReload") === "yes",
    restarts: Number(properties.get("NRestarts") ?? 0),
  };
}
