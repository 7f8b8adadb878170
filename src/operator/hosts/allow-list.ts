import { BlockList, isIP } from "node:net";
import { cidrFault } from "../../api/addresses.ts";
import { placesOf, sshOf } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { InvalidInputError } from "../../errors.ts";

/** Says why a resource's hosts may not be reached; undefined when all of them may. */
export type AllowList = (resource: Resource) => { readonly host: string; readonly message: string } | undefined;

/**
 * Bounds the hosts that this operator ever logs in to: whoever may write a resource otherwise gets root on any machine
 * that its key opens. Without networks everything is allowed. With them, hosts and bastions must be literal addresses
 * within, since a name can be made to lead anywhere.
 *
 * Throws InvalidInputError for what is no network.
 */
export function allowList(networks: readonly string[]): AllowList {
  const problems = networks.flatMap((network) => {
    const fault = cidrFault(network);
    return fault === undefined
      ? []
      : [
          {
            resource: "--allow-hosts",
            path: "",
            message: `${network} ${fault}`,
            wayOut: "write networks such as 10.0.0.0/16",
          },
        ];
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
  if (networks.length === 0) return () => undefined;
  const allowed = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    allowed.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  const isAllowed = (address: string): boolean =>
    isIP(address) !== 0 && allowed.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (resource) => {
    for (const { host, of } of placesOf(resource)) {
      const { bastion } = sshOf(of.spec, host);
      for (const [what, address] of [
        ["host", host.address],
        ["bastion", bastion?.address],
      ] as const) {
        if (address !== undefined && !isAllowed(address)) {
          return {
            host: host.name,
            message:
              `${what === "host" ? "its address" : "its bastion"} ${address} is not within the networks ` +
              `that this operator may log in to (${networks.join(", ")})`,
          };
        }
      }
    }
    return undefined;
  };
}
