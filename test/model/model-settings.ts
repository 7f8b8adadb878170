import { judgeValue, settingsOf } from "../../src/api/index.ts";
import type { SqlSettingFact } from "../../src/facts/sql-settings.ts";
import { SHARED_SETTINGS } from "../../src/plan/operations/restart-order.ts";
import type { ModelHost } from "./model-host.ts";

type Parameters = Readonly<Record<string, number | string>>;

/** What the DCS has for postgresql.conf. */
export function parametersIn(dynamicConfiguration: Readonly<Record<string, unknown>>): Parameters {
  const { parameters } = (dynamicConfiguration["postgresql"] ?? {}) as { readonly parameters?: Parameters };
  return parameters ?? {};
}

/** Of the settings those of which a standby must have at least what its leader has. */
export function sharedOf(parameters: Parameters): Readonly<Record<string, number>> {
  return Object.fromEntries(
    SHARED_SETTINGS.flatMap((name) => (name in parameters ? [[name, Number(parameters[name])]] : [])),
  );
}

/** As Patroni starts it where it does not run: a standby with at least what its control file asks for. */
export function startPostgres(host: ModelHost, parameters: Parameters, leads: boolean): void {
  if (host.parametersAtStart !== undefined) return;
  const raised = Object.entries(leads ? {} : host.atLeast).filter(([name, value]) => Number(parameters[name]) < value);
  host.starts += 1;
  host.parametersAtStart = { ...parameters, ...Object.fromEntries(raised) };
  // A leader notes in its control file what it runs with: it finds that there when it comes back as a standby.
  if (leads) host.atLeast = sharedOf(host.parametersAtStart);
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
    const started = host.parametersAtStart?.[name] ?? (name === "shared_preload_libraries" ? "" : undefined);
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

/** JSON merge patch as Patroni applies it: null removes. */
export function mergePatch(
  target: Record<string, unknown>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const result = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (typeof value === "object" && !Array.isArray(value))
      result[key] = mergePatch((result[key] ?? {}) as Record<string, unknown>, value as Record<string, unknown>);
    else result[key] = value;
  }
  return result;
}
