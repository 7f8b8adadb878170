import { isIP } from "node:net";
import { readHbaLine } from "../../api/hba/line.ts";
import type { PostgresHACluster } from "../../api/index.ts";
import { hostsInUse } from "../left-hosts.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** Names of hosts that pg_hba.conf lets in, those that left the list among them. */
export function namesInHba({ cluster, proxyAddresses, recorded }: ResolvedCluster): readonly string[] {
  const all = [...hostsInUse(cluster, recorded).map(({ address }) => address), ...proxyAddresses];
  return [...new Set(all)].filter((address) => isIP(address) === 0);
}

/** Names in the lines that a person wrote; a suffix such as .example.com is none. */
export function namesInLines({ spec }: PostgresHACluster): readonly string[] {
  const { additionalHba, version } = spec.postgresql;
  return additionalHba.flatMap((text) => {
    const read = readHbaLine(text, version);
    const address = "fault" in read ? undefined : read.line.address;
    return address?.kind === "name" && !address.address.startsWith(".") ? [address.address] : [];
  });
}
