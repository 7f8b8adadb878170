import assert from "node:assert/strict";
import { installed, offerNewer } from "../journeys/support/newer-packages.ts";
import { until } from "../kube/until.ts";
import { CLUSTER, HAPROXY, PGBOUNCER } from "./lab-manifest.ts";
import type { Stage } from "./stage.ts";

const HALF_A_DAY_MS = 43_200_000;

/** A window that is closed for hours yet, as a schedule, and when it opens, as a status says it. */
function laterToday(): { readonly schedule: string; readonly opens: string } {
  const at = new Date(Math.floor((Date.now() + HALF_A_DAY_MS) / 60_000) * 60_000);
  return {
    schedule: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`,
    opens: at.toISOString().replace(".000Z", "Z"),
  };
}

/** A stack in Kubernetes whose clients are to be disturbed half a day from now. */
export class ClosedWindow {
  readonly #stage: Stage;
  readonly #namespace: string;
  readonly #window = laterToday();

  constructor(stage: Stage, namespace: string) {
    this.#stage = stage;
    this.#namespace = namespace;
  }

  /** For spec.maintenance of the cluster. */
  get maintenance(): object {
    return { windows: [{ schedule: this.#window.schedule, durationMinutes: 5 }] };
  }

  async patch(kind: string, name: string, spec: object): Promise<void> {
    const { kube } = this.#stage;
    const patch = JSON.stringify({ spec });
    await kube.kubectl(["patch", kind, name, "-n", this.#namespace, "--type=merge", "-p", patch]);
  }

  /** The resource says, of the spec that it has now, that it waits, and for when; and it was looked at again since. */
  async holds(kind: string, name: string): Promise<void> {
    const waiting = async (): Promise<boolean> => {
      const { metadata, status } = await this.#stage.read(kind, name, this.#namespace);
      const ready = status?.conditions?.find(({ type }) => type === "Ready");
      return (
        metadata.generation === status?.observedGeneration &&
        ready?.reason === "WindowClosed" &&
        (ready.message ?? "").includes(this.#window.opens)
      );
    };
    await until(`${name} waits for ${this.#window.opens}`, waiting, 60_000);
    await this.#annotate(kind, name, `reconcile-at=${Date.now()}`);
    await until("it waits still", waiting, 60_000);
  }

  /** What waits is done now, and only as long as the cluster has the annotation. */
  async overridden(what: () => Promise<unknown>): Promise<void> {
    await this.#annotate("pghac", CLUSTER, "outside-windows=true");
    await what();
    await this.#annotate("pghac", CLUSTER, "outside-windows-");
  }

  async #annotate(kind: string, name: string, annotation: string): Promise<void> {
    const { kube } = this.#stage;
    const words = ["annotate", "--overwrite", kind, name, "-n", this.#namespace, `pgha.keybuzz.io/${annotation}`];
    await kube.kubectl(words);
  }

  /**
   * Newer packages are shown where they can be had, and are installed where they are to be: what clients do not notice
   * of it at once, the rest in the window.
   */
  async newerPackages(): Promise<void> {
    const { lab } = this.#stage;
    const host = "proxy-01";
    await Promise.all([
      offerNewer(lab, host, [{ name: "haproxy" }, { name: "pgbouncer" }]),
      offerNewer(lab, "db-slave-01", [{ name: "postgresql-17" }]),
    ]);
    const offered = async (kind: string, name: string, on: string): Promise<Readonly<Record<string, string>>> =>
      until(
        `${name} shows what ${on} could have`,
        async () => {
          const { status } = await this.#stage.read(kind, name, this.#namespace);
          const upgrades = status?.hosts?.find((one) => one.name === on)?.upgrades;
          return upgrades !== undefined && Object.keys(upgrades).length > 0 ? upgrades : undefined;
        },
        60_000,
      );
    assert.match((await offered("pghac", CLUSTER, "db-slave-01"))["postgresql-17"] ?? "", /newer1$/);
    const haproxy = (await offered("haproxypool", HAPROXY, host))["haproxy"] ?? "";
    const pgbouncer = (await offered("pgbouncerpool", PGBOUNCER, host))["pgbouncer"] ?? "";
    assert.match(`${haproxy} ${pgbouncer}`, /newer1 .*newer1$/);

    const before = await installed(lab, host, "pgbouncer");
    await this.patch("haproxypool", HAPROXY, { packages: { upgrade: "Automatic" } });
    await this.patch("pgbouncerpool", PGBOUNCER, { packages: { upgrade: "Automatic" } });
    await this.holds("pgbouncerpool", PGBOUNCER);
    await until(
      "HAProxy, whose clients notice nothing, is new",
      async () => (await installed(lab, host, "haproxy")) === haproxy,
      60_000,
    );
    assert.equal(await installed(lab, host, "pgbouncer"), before);
    await this.overridden(async () => this.#stage.untilReady(this.#namespace, 120_000));
    assert.equal(await installed(lab, host, "pgbouncer"), pgbouncer);
  }
}
