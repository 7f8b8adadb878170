import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { commandFor } from "../../../src/changes/commands.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const root = mkdtempSync(join(tmpdir(), "pgha-engine-"));
const at = (path: string): string => join(root, path);
const CONFIG = at("docker/daemon.json");

/** apt and systemctl as far as this command uses them; the package's own start finds the configuration, or not. */
const PROGRAMS = `
systemctl() { echo "systemctl $*" >>"${root}/calls"; }
docker() { [ -e "${root}/client" ] || return 127; echo "docker $1" >>"${root}/calls"; }
command() { if [ "$2" = docker ]; then [ -e "${root}/client" ]; else builtin command "$@"; fi; }
apt-get() {
  [ "$1" = install ] || return 0
  for p; do :; done
  echo "install $p" >>"${root}/calls"
  if [ "$p" = docker.io ]; then
    [ -e "${CONFIG}" ] && cp "${CONFIG}" "${root}/started-with"; [ -e "${root}/split" ] || touch "${root}/client"
  else
    touch "${root}/client"
  fi
}
export -f systemctl docker apt-get
`;

async function install() {
  const rewrite = (script: string): string =>
    `bash -c '${`${PROGRAMS}${script}`
      .replaceAll("/etc/docker", at("docker"))
      .replaceAll("/var/lib/apt/lists", at("lists"))
      .replaceAll("/run/pgha", at("run"))
      .replaceAll("/sys/module/apparmor", at("apparmor"))
      .replaceAll("'", "'\\''")}'`;
  const command = commandFor({ kind: "install-engine" }, MATERIAL);
  const { exitCode, stderr } = await localShell(rewrite).run(command, { deadlineMs: 20_000 });
  assert.equal(exitCode, 0, stderr);
  return readFileSync(at("calls"), "utf8").trim().split("\n");
}

describe("bringing Docker to a host", () => {
  beforeEach(() => {
    removeFolder(root);
    for (const folder of ["lists", "run"]) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at("lists/a_Packages"), "");
  });
  after(() => removeFolder(root));

  it("sets the daemon up before it starts: containers outlive it, and the network stays the host's", async () => {
    assert.deepEqual(await install(), [
      "install docker.io",
      "systemctl enable --now --quiet docker.service",
      "docker version",
    ]);
    const settings: unknown = JSON.parse(readFileSync(at("started-with"), "utf8"));
    assert.deepEqual(settings, {
      "live-restore": true,
      bridge: "none",
      iptables: false,
      ip6tables: false,
      "ip-forward": false,
    });
    assert.equal(existsSync(`${CONFIG}.pgha-new`), false);
  });

  it("leaves a daemon.json that is somebody's as it is", async () => {
    mkdirSync(at("docker"));
    writeFileSync(CONFIG, '{"data-root": "/srv/docker"}');
    await install();
    assert.equal(readFileSync(CONFIG, "utf8"), '{"data-root": "/srv/docker"}');
  });

  it("brings the program too where that is a package of its own", async () => {
    writeFileSync(at("split"), "");
    assert.deepEqual((await install()).slice(0, 2), ["install docker.io", "install docker-cli"]);
  });

  it("brings AppArmor's parser where the kernel asks for it and there is none", async () => {
    mkdirSync(at("apparmor/parameters"), { recursive: true });
    writeFileSync(at("apparmor/parameters/enabled"), "Y\n");
    const calls = await install();
    const hasParser = existsSync("/usr/sbin/apparmor_parser") || existsSync("/sbin/apparmor_parser");
    assert.equal(calls.includes("install apparmor"), !hasParser);
  });
});
