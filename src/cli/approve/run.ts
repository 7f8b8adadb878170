import { resolve } from "node:path";
import { isService } from "../../api/index.ts";
import { PghaError } from "../../errors.ts";
import { resourcesOf } from "../../reconcilers/stack.ts";
import { targetsOf } from "../../reconcilers/targets.ts";
import type { World } from "../../reconcilers/world.ts";
import { answersYes } from "../answers-yes.ts";
import { EXIT } from "../exit-code.ts";
import { watchInterrupt } from "../interrupt.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import type { LoadedStack } from "../load-stack.ts";
import { withProgressNote } from "../progress-note.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";
import { approvedFacts, differences, knownKeys, printOf } from "./findings.ts";
import type { Naming } from "./findings.ts";
import { changeManifests, plannedEdits } from "./key-change.ts";
import { machineBehind, strangeKey } from "./machine.ts";
import { approvalText } from "./text.ts";

export interface ApproveOptions extends StackOptions {
  readonly fingerprint?: string;
  readonly yes?: boolean;
  /** False with --no-edit. */
  readonly edit: boolean;
}

/**
 * Shows what of a host is new, asks once, and takes it on in the records and manifests of every resource that names it.
 */
export async function runApprove(host: string, options: ApproveOptions, invocation: Invocation): Promise<number> {
  const { environment, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  await using world = await worldFor(loaded, invocation, { exclusive: true });
  const namings = await namingsOf(host, loaded, world);
  const [first] = namings;
  if (first === undefined) throw unknownHost(host, loaded);
  const { shown, machine } = await withProgressNote(screen, `looking at ${first.target.name}`, async () => {
    const strange = (await Promise.all(namings.map(async ({ target }) => strangeKey(target, world)))).find(Boolean);
    const resources = namings.map(({ resource }) => resource);
    return { shown: strange, machine: await machineBehind(first.target, strange, resources, world) };
  });
  demandFingerprint(first, shown, options.fingerprint);
  const found = differences(namings, shown, machine);
  const paths = loaded.files.map((file) => (file === "-" ? "/dev/stdin" : resolve(environment.workingDirectory, file)));
  const edits = await plannedEdits(namings, shown, loaded, paths);
  screen.print(approvalText(namings, { found, machine, shown, edits, mayEdit: options.edit }, screen));
  if (found.length === 0) return EXIT.ok;
  if (!(await isApproved(first, shown, options, invocation))) return EXIT.error;
  for (const naming of namings) {
    const { kind, metadata } = naming.resource;
    await world.store.writeRecord(kind, metadata.name, approvedFacts(naming, shown, machine));
  }
  const left = options.edit ? await changeManifests(edits, paths) : edits.lines;
  screen.print(
    left.length === 0
      ? `${first.target.name} is approved. pgha apply puts back what it lost.\n`
      : `${first.target.name} is approved. Its new key is still to be written into the manifests, as said above.\n`,
  );
  return left.length === 0 ? EXIT.ok : EXIT.pending;
}

/** The resources that name the host or its address: one machine, whatever each calls it. */
async function namingsOf(host: string, { stack }: LoadedStack, world: World): Promise<readonly Naming[]> {
  const all = resourcesOf(stack)
    .filter(isService)
    .flatMap((resource) => targetsOf(resource).map((target) => ({ resource, target })));
  const addresses = new Set(
    all.filter(({ target }) => target.name === host || target.address === host).map(({ target }) => target.address),
  );
  return Promise.all(
    all
      .filter(({ target }) => addresses.has(target.address))
      .map(async (one) => ({
        ...one,
        facts: await world.store.readRecord(one.resource.kind, one.resource.metadata.name),
      })),
  );
}

function unknownHost(host: string, { addresses }: LoadedStack): PghaError {
  return new PghaError(`no resource of the manifests names a host ${host}`, {
    reason: "InvalidOption",
    retry: "never",
    wayOut: `it is one of ${[...addresses.keys()].join(", ")}`,
  });
}

/** What was compared must be what is shown, whoever answers at that address by now. */
function demandFingerprint(first: Naming, shown: string | undefined, compared: string | undefined): void {
  const keys = shown === undefined ? knownKeys(first) : [shown];
  if (compared === undefined || keys.some((key) => printOf(key) === compared)) return;
  throw new PghaError(
    `${first.target.name} does not show the host key ${compared}, but ${keys.map(printOf).join(" or ")}`,
    {
      reason: "HostKeyNotAccepted",
      retry: "never",
      wayOut:
        `compare again, on ${first.target.name} itself (by its console): for f in ` +
        "/etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done",
    },
  );
}

async function isApproved(
  { target }: Naming,
  shown: string | undefined,
  { yes, fingerprint }: ApproveOptions,
  { environment, screen }: Invocation,
): Promise<boolean> {
  if (yes === true && fingerprint !== undefined) return true;
  if (yes === true || !screen.canAsk) {
    throw new PghaError(
      yes === true ? "--yes takes --fingerprint: nobody compared the host key" : "there is no terminal to ask on",
      {
        reason: "NotApproved",
        retry: "never",
        wayOut:
          `compare the fingerprint on the host itself, then: pgha approve ${target.name} --yes ` +
          `--fingerprint ${shown === undefined ? "SHA256:..." : printOf(shown)}`,
      },
    );
  }
  const interrupt = watchInterrupt(environment.signals, () => {});
  return answersYes(`${screen.style.bold("Is this the machine you mean?")} [y/N] `, environment, interrupt.signal);
}
