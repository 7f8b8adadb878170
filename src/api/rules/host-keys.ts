import { hostKeyProblem } from "../../shell/host-key.ts";
import { hostKeysFromKnownHosts } from "../../shell/known-hosts.ts";
import { sshOf } from "../derived.ts";
import type { ServiceResource } from "../kinds.ts";
import { shownName } from "../shown.ts";
import { problem, warning, type Finding } from "./finding.ts";

/** Host keys are readable, and there where they are demanded. */
export function* hostKeyRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  for (const resource of resources) {
    for (const { path, key } of keysOf(resource)) {
      const fault = hostKeyProblem(key);
      if (fault !== undefined)
        yield problem(
          resource,
          path,
          fault,
          "copy the line of /etc/ssh/ssh_host_ed25519_key.pub on that host, seen on its console, or run " +
            "ssh-keyscan and compare",
        );
    }
    yield* missingKeys(resource);
    yield* sharedKeys(resource);
    yield* privilege(resource);
  }
}

function* keysOf({ spec }: ServiceResource): Iterable<{ readonly path: string; readonly key: string }> {
  if (spec.ssh.bastion !== undefined) yield { path: "spec.ssh.bastion.hostKey", key: spec.ssh.bastion.hostKey };
  for (const [index, host] of spec.hosts.entries()) {
    if (host.hostKey !== undefined) yield { path: `spec.hosts[${index}].hostKey`, key: host.hostKey };
    if (host.ssh?.bastion !== undefined)
      yield { path: `spec.hosts[${index}].ssh.bastion.hostKey`, key: host.ssh.bastion.hostKey };
  }
}

function* missingKeys(resource: ServiceResource): Iterable<Finding> {
  const { ssh, hosts } = resource.spec;
  if (ssh.hostKeyPolicy === "trust-on-first-use") return;
  for (const [index, host] of hosts.entries()) {
    if (host.hostKey !== undefined) continue;
    const known =
      ssh.knownHosts === undefined
        ? []
        : hostKeysFromKnownHosts(ssh.knownHosts, host.address, sshOf(resource.spec, host).port);
    if (known.length > 0) continue;
    const searched =
      ssh.knownHosts === undefined ? "" : ` and spec.ssh.knownHosts has no line for ${shownName(host.address)}`;
    yield problem(
      resource,
      `spec.hosts[${index}].hostKey`,
      `is missing${searched}, so nobody could tell ${shownName(host.name)} from an impostor`,
      "add the host's public key (pgha import --scan-host-keys prints it for you to compare), or set " +
        "spec.ssh.hostKeyPolicy: trust-on-first-use",
    );
  }
}

function* sharedKeys(resource: ServiceResource): Iterable<Finding> {
  const first = new Map<string, string>();
  for (const [index, host] of resource.spec.hosts.entries()) {
    if (host.hostKey === undefined) continue;
    const key = host.hostKey.split(" ").slice(0, 2).join(" ");
    const other = first.get(key);
    if (other !== undefined) {
      yield warning(
        resource,
        `spec.hosts[${index}].hostKey`,
        `is the key of ${shownName(other)} too: one of them can pose as the other`,
        "make new host keys on machines that were cloned (ssh-keygen -A)",
      );
    }
    first.set(key, other ?? host.name);
  }
}

function* privilege(resource: ServiceResource): Iterable<Finding> {
  for (const [index, host] of resource.spec.hosts.entries()) {
    const { user, become } = sshOf(resource.spec, host);
    if (user !== "root" && become === "none") {
      const path = host.ssh?.user === undefined ? "spec.ssh.become" : `spec.hosts[${index}].ssh.become`;
      yield warning(
        resource,
        path,
        `is none and ${shownName(user)} is not root`,
        "set become: sudo, with sudo set up to ask for no password",
      );
      if (path === "spec.ssh.become") return;
    }
  }
}
