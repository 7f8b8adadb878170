import type { PostgresHACluster } from "../../api/index.ts";
import { patroniTimingOf } from "../../api/index.ts";
import { PYSYNCOBJ } from "../../artifacts/index.ts";
import type { AskedArtifact } from "../../artifacts/names.ts";
import { raftFact } from "../../facts/dcs/raft.ts";
import { raftWords } from "../../plan/dcs/raft.ts";
import { raftSection } from "../../render/dcs/raft.ts";
import type { DcsKind } from "./dcs.ts";

/** RAFT inside Patroni: the members are the store. docs/raft.md */
export const RAFT: DcsKind = {
  artifacts: artifactsOf,
  places: (cluster) => ({ directories: [directoryOf(cluster)], trees: [PYSYNCOBJ.path] }),
  of(cluster, { credentials, artifact }) {
    const { patroni } = cluster.spec;
    const { port } = patroni.dcs.raft;
    const { password } = credentials.dcs;
    const directory = directoryOf(cluster);
    const artifacts = artifactsOf(cluster).flatMap((asked) => artifact(asked) ?? []);
    const pythonPath = artifacts[0]?.path;
    return {
      words: raftWords({ port, directory, ...(pythonPath === undefined ? {} : { pythonPath }) }),
      ports: [{ port, purpose: "RAFT" }],
      // RAFT traffic is encrypted with the first.
      packages: ["python3-cryptography", ...(pythonPath === undefined ? ["python3-pysyncobj"] : [])],
      artifacts,
      directories: [{ path: directory, owner: "postgres", group: "postgres", mode: 0o700 }],
      pythonPath,
      warnings: isPinned(cluster) ? [] : [UNSAFE],
      section: (address, others) =>
        raftSection({ address, others, port, dataDirectory: directory, password: password.reveal() }),
      question: (address, always) =>
        raftFact({
          directory,
          address,
          port,
          password,
          patroniPort: patroni.restApi.port,
          always,
          // Each round of the leader's loop is an entry, and the kernel may note the time of it half a minute later.
          quietSeconds: 60 + 2 * patroniTimingOf(cluster).loopWait,
        }),
    };
  },
};

const UNSAFE = {
  reason: "UnsafePySyncObj",
  message: "patroni.dcs.raft.pysyncobj: distribution uses a PySyncObj that can lose acknowledged writes of the DCS",
} as const;

function artifactsOf(cluster: PostgresHACluster): readonly AskedArtifact[] {
  const { pysyncobjFile } = cluster.spec.patroni.dcs.raft;
  return isPinned(cluster) ? [{ name: PYSYNCOBJ.name, file: pysyncobjFile }] : [];
}

function isPinned(cluster: PostgresHACluster): boolean {
  return cluster.spec.patroni.dcs.raft.pysyncobj === "pinned";
}

/** Journals survive with the data, but outside PGDATA, which Patroni may rename or remove. */
function directoryOf(cluster: PostgresHACluster): string {
  return `${cluster.spec.postgresql.dataVolume.mountPath}/raft`;
}
