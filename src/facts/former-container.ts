import { PATRONI, PATRONI_INSIDE } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** The container that a member's unit is made of though it is to run on the host itself. */
export interface FormerContainer {
  readonly image: string;
  readonly uid: number;
  readonly gid: number;
  /** Where PostgreSQL's programs are in there, if Patroni's file says so. */
  readonly bin?: string;
}

/** Read from the unit itself, which alone says so while it does not run; undefined where there is no such unit. */
export function formerContainerFact(): Fact<FormerContainer | undefined> {
  return {
    command: sh`u=${PATRONI_INSIDE.unitFile}
if [ -f "$u" ]; then
  sed -n ${UNIT} "$u"
  sed -n ${BIN} ${PATRONI.config}
fi
true`,
    parse,
  };
}

/** As src/render/container-script.ts writes it. */
const UNIT = String.raw`1{/^# Written by pgha/!q}
s/^ExecStart=.* --user \([0-9]*\):\([0-9]*\) .* --entrypoint sh \([^ ]*\) .*/user \1 \2 \3/p`;
const BIN = String.raw`s/^ *bin_dir: */bin /p`;

function parse({ stdout }: FactOutput): FormerContainer | undefined {
  const [, uid, gid, image] = /^user (\d+) (\d+) (\S+)$/m.exec(stdout) ?? [];
  const bin = /^bin ["']?(\/[^\s"']+)["']?$/m.exec(stdout)?.[1];
  if (image === undefined) return undefined;
  return { image, uid: Number(uid), gid: Number(gid), ...(bin === undefined ? {} : { bin }) };
}
