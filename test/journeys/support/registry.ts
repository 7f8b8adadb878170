import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "../../lab/lab.ts";
import { MEMBERS } from "./site.ts";
import type { Site } from "./site.ts";

/** PostgreSQL 16 on Debian, as test/images/make makes it: what `build` is given for a base. */
export const BASE = "pgha-lab/base:16.2";

/** A Docker that somebody brought, set up as pgha would. */
const DOCKER = `export DEBIAN_FRONTEND=noninteractive
mkdir -p /etc/docker
printf '{"live-restore": true, "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false}' \\
  >/etc/docker/daemon.json
apt-get update -q >/dev/null
apt-get install -q -y --no-install-recommends docker.io docker-cli >/dev/null`;

async function demand(lab: Lab, host: string, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.exec(host, `set -e\n${script}`);
  assert.equal(exitCode, 0, `${host}: ${stderr}`);
  return stdout.trim();
}

/** Has a host Docker, and the image to build on, from the folder of images for tests. */
export async function haveBase(lab: Lab, host: string, folder: string): Promise<void> {
  await demand(lab, host, DOCKER);
  const login = ["-i", lab.sshKeyPath, "-o", `UserKnownHostsFile=${lab.knownHostsPath}`, "-o", "BatchMode=yes"];
  const archive = openSync(join(folder, "base.tar"), "r");
  const ssh = spawn("ssh", [...login, `root@${lab.host(host).address}`, "docker load -q"], {
    stdio: [archive, "ignore", "inherit"],
  });
  const [code] = (await once(ssh, "exit")) as [number | null];
  assert.equal(code, 0, "docker load of the base");
}

/** A registry on a host, which lets in who knows its password, as members find it on their own loopback. */
export interface Registry {
  readonly password: string;
  /** Gives it an image of a host's; its name there, with its digest. */
  readonly push: (host: string, image: string, name: string) => Promise<string>;
}

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const USER = "robot";
const PLACE = "127.0.0.1:5000";

/** Docker takes a registry on loopback as it is; without TLS no other. So each member has a way there to this one. */
export async function startRegistry({ lab, stateFolder }: Site, host: string): Promise<Registry> {
  const password = `not-${lab.name}-told`;
  await demand(
    lab,
    host,
    `export DEBIAN_FRONTEND=noninteractive
apt-get install -q -y --no-install-recommends docker-registry curl >/dev/null
hash=$(perl -e 'print crypt($ARGV[0], q($2b$05$abcdefghijklmnopqrstuu))' ${password})
printf '${USER}:%s\\n' "$hash" >/etc/docker/registry/htpasswd
cat >/etc/docker/registry/config.yml <<'END'
version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}
http: {addr: ":5000"}
auth: {htpasswd: {realm: lab, path: /etc/docker/registry/htpasswd}}
END
systemctl restart docker-registry
timeout 60 sh -c 'until curl -s -o /dev/null http://127.0.0.1:5000/v2/; do sleep 0.2; done'`,
  );
  const way = `systemd-run -q --unit registry-way --socket-property ListenStream=${PLACE} \\
  /usr/lib/systemd/systemd-socket-proxyd ${lab.host(host).address}:5000`;
  await Promise.all(MEMBERS.map(async (member) => demand(lab, member, way)));
  await mkdir(join(stateFolder, "secrets"), { recursive: true });
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "registry" },
    data: { username: encoded(USER), password: encoded(password) },
  };
  await writeFile(join(stateFolder, "secrets/registry.yaml"), JSON.stringify(secret), { mode: 0o600 });
  return {
    password,
    push: async (member, image, name) =>
      demand(
        lab,
        member,
        `export DOCKER_CONFIG=$(mktemp -d); trap 'rm -rf "$DOCKER_CONFIG"' EXIT
echo ${password} | docker login -u ${USER} --password-stdin ${PLACE} >/dev/null
docker tag ${image} ${PLACE}/${name}
docker push -q ${PLACE}/${name} >/dev/null
docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' ${PLACE}/${name} | grep '^${PLACE}/${name.replace(/:.*/, "")}@'`,
      ),
  };
}
