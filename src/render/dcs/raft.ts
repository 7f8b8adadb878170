import { passwordFault, pathFault, portFault } from "../faults.ts";
import type { DcsSection } from "./section.ts";

export interface RaftInput {
  readonly address: string;
  readonly others: readonly string[];
  readonly port: number;
  readonly dataDirectory: string;
  readonly password: string;
}

/** https://patroni.readthedocs.io/en/latest/yaml_configuration.html#raft-deprecated */
export function raftSection({ address, others, port, dataDirectory, password }: RaftInput): DcsSection {
  // PySyncObj splits at the last colon and wants IPv6 without brackets (its node.py).
  const nodeAt = (host: string): string => `${host}:${port}`;
  const own = { data_dir: dataDirectory, self_addr: nodeAt(address), bind_addr: nodeAt(address), password };
  return {
    name: "raft",
    content: { ...own, partner_addrs: others.map(nodeAt) },
    // partner_addrs is not among it: it says whom to ask for the members then.
    takenAtStart: own,
    faults: [
      ["raft.port", portFault(port)],
      ["raft.dataDirectory", pathFault(dataDirectory)],
      ["raft.password", passwordFault(password)],
    ],
  };
}
