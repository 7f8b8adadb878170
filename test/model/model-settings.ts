import { judgeValue, settingsOf } from "../../src/api/index.ts";
import type { SqlSettingFact } from "../../src/facts/sql-settings.ts";
import type { ModelHost } from "./model-host.ts";

type Parameters = Readonly<Record<string, number | string>>;

/** What the DCS has for postgresql.conf. */
export function parametersIn(dynamicConfiguration: Readonly<Record<string, unknown>>): Parameters {
  const { parameters } = (dynamicConfiguration["postgresql"] ?? {}) as { readonly parameters?: Parameters };
  return parameters ?? {};
}

/** A member's pg_settings: what takes a restart is as it was at its start, the rest as the DCS has it. */
export function modelSettings(host: ModelHost, now: Parameters, major: number): readonly SqlSettingFact[] {
  return Object.entries(now).flatMap(([name, value]): readonly SqlSettingFact[] => {
    const setting = settingsOf(major)?.get(name);
    if (setting === undefined) return [];
    const read = (text: number | string): string => {
      const judged = judgeValue(setting, text);
      return judged.ok ? judged.value : String(text);
    };
    const { context, type, unit } = setting;
    const wanted = read(value);
    const started = host.parametersAtStart?.[name];
    const inForce = context === "postmaster" && started !== undefined ? read(started) : wanted;
    return [
      {
        name,
        value: inForce,
        type,
        unit,
        context,
        source: "configuration file",
        file: "/opt/keybuzz/postgres/data/pgdata/postgresql.conf",
        pending: inForce !== wanted,
      },
    ];
  });
}
