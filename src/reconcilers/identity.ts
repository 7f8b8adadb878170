import type { ServiceResource } from "../api/index.ts";
import type { Answers, Look } from "../facts/fact.ts";
import { mountFact } from "../facts/mount.ts";
import { systemFact } from "../facts/system.ts";
import type { MountFact } from "../facts/types.ts";

/** What tells one machine from another: nothing of it is secret, since it may be an impostor. */
export function identityQuestions(resources: readonly ServiceResource[]) {
  return { system: systemFact(), mount: mountFact(volumeOf(resources) ?? "/") };
}

export type IdentityFacts = Answers<ReturnType<typeof identityQuestions>>;
export type IdentityLook = Look<IdentityFacts>;

/** Where a resource wants a volume of its own, whose identity is recorded. */
export function volumeOf(resources: readonly ServiceResource[]): string | undefined {
  const paths = resources.flatMap(({ kind, spec }) =>
    kind === "PostgresHACluster"
      ? [spec.postgresql.dataVolume.mountPath]
      : spec.dataVolume === undefined
        ? []
        : [spec.dataVolume.mountPath],
  );
  return paths[0];
}

/** The identity of the volume that is there; undefined for none, which was not seen then. */
export function volumeUuidIn({ mount }: { readonly mount: MountFact }): string | undefined {
  return mount.mounted && mount.uuid !== "" ? mount.uuid : undefined;
}
