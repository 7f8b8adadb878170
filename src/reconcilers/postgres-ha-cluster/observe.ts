import { PATRONI, PATRONI_INSIDE } from "../../desired/services.ts";
import { dataDirectoryOf } from "../../api/index.ts";
import { artifactFact } from "../../facts/artifact.ts";
import { collationsFact } from "../../facts/collations.ts";
import { dataDirectoryFact } from "../../facts/data-directory.ts";
import type { Answers, Fact, FactSet, Look } from "../../facts/fact.ts";
import { formerContainerFact } from "../../facts/former-container.ts";
import type { FormerContainer } from "../../facts/former-container.ts";
import { installedFact, installedInFact } from "../../facts/installed.ts";
import type { InstalledFact } from "../../facts/installed.ts";
import { mountFact } from "../../facts/mount.ts";
import { namesFact } from "../../facts/names.ts";
import { patroniFact } from "../../facts/patroni.ts";
import { reachFact } from "../../facts/reach.ts";
import { sqlFact } from "../../facts/sql.ts";
import { sh } from "../../shell/command.ts";
import type { WithImage } from "../container.ts";
import { hostQuestions } from "../host-questions.ts";
import { leftHosts } from "../left-hosts.ts";
import { namesInHba, namesInLines } from "./asked-names.ts";
import type { DesiredCluster, DesiredMember } from "./desire.ts";

/** What a member is asked, all in one look. */
export function questionsFor(desired: DesiredCluster, member: DesiredMember) {
  const { cluster, dcs } = desired.resolved;
  const { postgresql, patroni, databases } = cluster.spec;
  const others = cluster.spec.hosts.filter((host) => host.name !== member.name);
  const [artifact] = member.host.artifacts;
  const { needed } = desired;
  const image = desired.resolved.ground === "host" ? undefined : desired.resolved.ground.image;
  const things = { paths: needed.files.flatMap(({ paths }) => paths), locales: [...needed.locales.keys()] };
  return {
    ...hostQuestions(
      {
        ...member.host,
        files: [...member.host.files, ...(member.volume === undefined ? [] : [member.volume.file])],
      },
      FORMS,
    ),
    former: image === undefined ? formerContainerFact() : NEVER_ONE,
    collations: collationsFact({
      version: postgresql.version,
      port: postgresql.port,
      ...(image === undefined ? {} : { image }),
    }),
    artifact: artifactFact(artifact?.path ?? "/nonexistent"),
    installed: installedQuestion(things, image, postgresql.dataVolume.mountPath),
    mount: mountFact(postgresql.dataVolume.mountPath, member.volume?.name),
    names: namesFact(namesInHba(desired.resolved), namesInLines(cluster)),
    reach: reachFact({
      targets: others.flatMap(({ address }) =>
        [postgresql.port, patroni.restApi.port, ...dcs.ports.map(({ port }) => port)].map((port) => ({
          address,
          port,
        })),
      ),
      skipWhenActive: PATRONI.unit,
    }),
    dataDirectory: dataDirectoryFact({
      path: dataDirectoryOf(cluster),
      version: postgresql.version,
      ...(image === undefined ? {} : { image }),
    }),
    patroni: patroniFact({ address: member.address, port: patroni.restApi.port }),
    dcs: dcs.question(member.address, leftHosts(cluster, desired.resolved.recorded).length > 0),
    sql: sqlFact({
      port: postgresql.port,
      databases: databases.map((database) => database.name),
      parameters: Object.keys(desired.dynamicConfiguration.postgresql.parameters),
    }),
  } satisfies FactSet;
}

/** What Patroni's unit may be made of, whatever it is to be: it says where a member runs. */
const FORMS: readonly string[] = [PATRONI.unitFile, PATRONI_INSIDE.unitFile, PATRONI.createCluster];

/** One that is to run in a container is moved from the host itself. */
const NEVER_ONE: Fact<FormerContainer | undefined> = { command: sh`true`, parse: () => undefined };

export type ClusterFacts = Answers<ReturnType<typeof questionsFor>> & WithImage;

function installedQuestion(
  things: Parameters<typeof installedFact>[0],
  image: string | undefined,
  volume: string,
): Fact<InstalledFact | undefined> {
  return image === undefined ? installedFact(things) : installedInFact(image, { ...things, volume });
}

/** By host name. */
export type ClusterLooks = ReadonlyMap<string, Look<ClusterFacts>>;
