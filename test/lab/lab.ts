import { randomInt } from "node:crypto";
import { join } from "node:path";
import { demandLab, LabError, runLab, type CommandResult } from "./command.ts";

/** A host of a lab, as a user would write it into a manifest. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  /** `ssh-ed25519 AAAA...`, what a known_hosts line says after the names. */
  readonly hostKey: string;
}

export interface LabOptions {
  /** 1 to 6 letters or digits. A new random name by default, so that tests do not meet. */
  readonly name?: string;
  /** Debian's release, `trixie` by default. */
  readonly os?: "trixie" | "bookworm";
  /** The field's five by default; the first N of them; or names, where a new one says `name=octet:volumeGiB`. */
  readonly hosts?: number | readonly string[];
  /** A snapshot to start from; it brings its hosts, so `os` and `hosts` do not go with it. */
  readonly from?: string;
  /** Lets sshd forward. Hosts of the field do not, which is the default. */
  readonly forwarding?: boolean;
}

/** Brings a lab up, or what is missing of one that is up already. Resolves when every host's sshd answers. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const name = options.name ?? `t${randomInt(36 ** 5).toString(36)}`;
  const { os, hosts, from, forwarding } = options;
  await demandLab(name, [
    "up",
    ...(os === undefined ? [] : ["--os", os]),
    ...(hosts === undefined ? [] : ["--hosts", typeof hosts === "number" ? `${hosts}` : hosts.join(",")]),
    ...(from === undefined ? [] : ["--from", from]),
    ...(forwarding === true ? ["--soft"] : []),
  ]);
  return new Lab(name, await readHosts(name));
}

/** Whether `startLab({from: snapshot})` has something to start from: the layers below a snapshot can be gone. */
export async function hasSnapshot(snapshot: string): Promise<boolean> {
  return (await runLab("main", ["has-snapshot", snapshot])).exitCode === 0;
}

/**
 * A lab that is up. Verbs for hosts act on all of them side by side when none is named; each throws LabError when
 * the lab could not do it. See `test/lab/lab help` for what each verb does to a host.
 */
export class Lab {
  readonly name: string;
  /** Where the lab keeps its state; readable by root only. */
  readonly directory: string;
  readonly sshKeyPath: string;
  readonly knownHostsPath: string;
  /** The inventory in the field's layout, traps included. */
  readonly serversTsv: string;
  #hosts: readonly LabHost[];

  constructor(name: string, hosts: readonly LabHost[]) {
    this.name = name;
    this.directory = join(process.env["PGHA_LAB_STATE"] ?? "/var/lib/pgha-lab", name);
    this.sshKeyPath = join(this.directory, "id_ed25519");
    this.knownHostsPath = join(this.directory, "known_hosts");
    this.serversTsv = join(this.directory, "servers.tsv");
    this.#hosts = hosts;
  }

  get hosts(): readonly LabHost[] {
    return this.#hosts;
  }

  host(name: string): LabHost {
    const found = this.#hosts.find((host) => host.name === name);
    if (found === undefined) throw new LabError(`lab ${this.name} has no host ${name}`);
    return found;
  }

  /** Runs a bash script as root inside the host, past its sshd and network. Rejects when the host is off. */
  async exec(host: string, script: string): Promise<CommandResult> {
    const result = await runLab(this.name, ["exec", host, "bash", "-s"], script);
    if (result.exitCode === 255) throw new LabError(`${host}: ${result.stderr.trim()}`);
    return result;
  }

  /** A power cut: what was not synced is gone, peers hear nothing. */
  readonly crash = this.#verb("crash");
  readonly boot = this.#verb("boot");
  readonly poweroff = this.#verb("poweroff");
  readonly reboot = this.#verb("reboot");
  readonly cut = this.#verb("cut");
  readonly heal = this.#verb("heal");
  /** Every process stops; the kernel keeps its TCP connections open. */
  readonly freeze = this.#verb("freeze");
  readonly thaw = this.#verb("thaw");
  /** The host boots without its data volume: the mount point is an empty directory of the root disk. */
  readonly detachVolume = this.#verb("detach-volume");
  readonly attachVolume = this.#verb("attach-volume");

  /** A new empty filesystem on the host's volume, which is switched off for it. */
  async formatVolume(host: string, type: "xfs" | "ext4"): Promise<void> {
    await demandLab(this.name, ["format-volume", host, type]);
  }

  /** The two hosts no longer hear each other; everybody else still hears both. */
  async partition(one: string, other: string): Promise<void> {
    await demandLab(this.name, ["partition", one, other]);
  }

  async unpartition(one: string, other: string): Promise<void> {
    await demandLab(this.name, ["unpartition", one, other]);
  }

  /** The same name and address, another machine: empty disks, new machine-id, new host key. */
  async rebuild(host: string): Promise<LabHost> {
    await demandLab(this.name, ["rebuild", host]);
    this.#hosts = await readHosts(this.name);
    return this.host(host);
  }

  /** One more host, written as `name=octet:volumeGiB`. */
  async addHost(spec: string, os: "trixie" | "bookworm" = "trixie"): Promise<LabHost> {
    await demandLab(this.name, ["add-host", spec, os]);
    this.#hosts = await readHosts(this.name);
    return this.host(spec.split("=")[0] ?? spec);
  }

  /** New disks for all hosts, which keep their identity, and are booted. */
  async reset(): Promise<void> {
    await demandLab(this.name, ["reset"]);
  }

  /** Keeps what all disks hold under a name, for `startLab({from})`. Hosts are shut down and booted for it. */
  async snapshot(name: string): Promise<void> {
    await demandLab(this.name, ["snapshot", name]);
  }

  /** Takes everything down. May be called again. */
  async down(): Promise<void> {
    await demandLab(this.name, ["down"]);
  }

  #verb(verb: string): (...hosts: readonly string[]) => Promise<void> {
    return async (...hosts) => {
      await demandLab(this.name, [verb, ...hosts]);
    };
  }
}

async function readHosts(lab: string): Promise<readonly LabHost[]> {
  const lines = (await demandLab(lab, ["list"])).split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [name = "", address = "", , hostKey = ""] = line.split("\t");
    return { name, address, hostKey };
  });
}
