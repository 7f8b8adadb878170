import { PROGRAM } from "../../src/desired/notes.ts";
import type { UpgradesFact } from "../../src/facts/upgrades.ts";
import type { UnitFact } from "../../src/facts/types.ts";
import { PATRONI, UNITS_OF_PACKAGES } from "./model-units.ts";

/** Packages of a host that could be newer, and programs of members that are newer by now than what runs of them. */
export class ModelUpgrades {
  readonly available = new Map<string, string>();
  readonly unmet = new Map<string, "past" | "missing">();
  readonly running = new Set<"postgresql" | "patroni">();

  copy(): ModelUpgrades {
    const other = new ModelUpgrades();
    for (const [name, version] of this.available) other.available.set(name, version);
    for (const [name, how] of this.unmet) other.unmet.set(name, how);
    for (const program of this.running) other.running.add(program);
    return other;
  }

  fact(): UpgradesFact {
    return { newer: Object.fromEntries(this.available), unmet: Object.fromEntries(this.unmet) };
  }

  /** The packages are newer; what runs is not. */
  install(upgrades: readonly { readonly name: string }[], isRunning: boolean): void {
    for (const { name } of upgrades) {
      this.available.delete(name);
      const program = name === "patroni" ? "patroni" : name.startsWith("postgresql-") ? "postgresql" : undefined;
      if (program !== undefined && isRunning) this.running.add(program);
    }
  }

  /** PostgreSQL is another process, and Patroni too where `isWhole`. */
  restarted(isWhole: boolean): void {
    this.running.delete("postgresql");
    if (isWhole) this.running.delete("patroni");
  }

  /** What was noted of a process, with what pgha notes when it upgrades its package. */
  noted(unit: string, notes: Partial<UnitFact>): Partial<UnitFact> {
    if (unit !== PATRONI || !this.running.has("patroni")) return notes;
    return { ...notes, startedFrom: { ...notes.startedFrom, [PROGRAM]: "replaced" } };
  }
}

/** Units of pgha's own that run what these packages bring. */
export function unitsOf(packages: readonly { readonly name: string }[]): readonly string[] {
  return packages.flatMap(({ name }) => UNITS_OF_PACKAGES.get(name) ?? []);
}
