import { paragraph } from "../../text/layout.ts";
import { printable } from "../../text/printable.ts";
import { table } from "../../text/table.ts";
import type { Screen } from "../screen.ts";
import { printOf } from "./findings.ts";
import type { Difference, Naming } from "./findings.ts";
import type { KeyChange } from "./key-change.ts";
import { lostBy } from "./machine.ts";
import type { Machine } from "./machine.ts";

/** All there is to judge a machine by, before anybody is asked about it. */
export function approvalText(
  namings: readonly Naming[],
  about: {
    readonly found: readonly Difference[];
    readonly machine: Machine;
    readonly shown: string | undefined;
    readonly edits: KeyChange;
    readonly mayEdit: boolean;
  },
  { style, columns }: Screen,
): string {
  const { found, machine, shown, edits, mayEdit } = about;
  const [first] = namings;
  const name = first?.target.name ?? "";
  const head =
    `${style.bold(printable(name))} (${first?.target.address ?? ""}), of ` +
    `${namings.map(({ target }) => target.resource).join(", ")}`;
  if (found.length === 0) return `${head}\n  is the machine that is known: nothing to approve\n`;
  const lost = lostBy(
    machine,
    namings.map(({ resource }) => resource),
  );
  const lines = [
    head,
    ...table(
      ["", "BEFORE", "NOW"],
      found.map(({ what, before, now }) => [what, printable(before), printable(now)]),
      style,
    ),
    ...lost.flatMap((what) => paragraph(`${style.caution("lost:")} ${printable(what)}`, 2, columns)),
    ...(shown === undefined
      ? []
      : paragraph(
          `Compare ${printOf(shown)} on ${name} itself (by its console): for f in ` +
            "/etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done",
          2,
          columns,
        )),
    ...editLines(edits, mayEdit),
  ];
  return `${lines.join("\n")}\n`;
}

function editLines({ to, lines, byHand }: KeyChange, mayEdit: boolean): readonly string[] {
  if (to === undefined || lines.length === 0) return [];
  const who = mayEdit && byHand === undefined ? "its new key is written to" : "write its new key to";
  return [
    `  ${who}${byHand === undefined ? "" : ` (by hand: ${byHand})`}`,
    ...lines.map((line) => `    ${printable(line)}`),
    `    hostKey: ${to}`,
  ];
}
