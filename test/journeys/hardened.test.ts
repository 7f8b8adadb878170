import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startPackagedLab } from "./support/packaged-lab.ts";
import { clientSql, loginOf } from "./support/psql.ts";
import { clusterOf, MEMBERS, openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";

describe("hardened hosts, a user with sudo, and a bastion", () => {
  let site: Site;
  before(async () => {
    const lab = await startPackagedLab();
    const bastion = lab.host("proxy-01");
    site = await openSite(lab, {
      importWords: ["--ssh-user", "ops"],
      edit: (manifests) => {
        for (const { kind, spec } of manifests) {
          assert.deepEqual(
            { user: (spec["ssh"] as { user: string }).user, become: (spec["ssh"] as { become: string }).become },
            { user: "ops", become: "sudo" },
          );
          if (kind === "PostgresHACluster")
            Object.assign(spec["ssh"] as object, {
              bastion: { address: bastion.address, hostKey: bastion.hostKey, user: "ops", via: "exec" },
            });
        }
      },
    });
    const setting = `AllowUsers ops@${bastion.address}`;
    await Promise.all(
      MEMBERS.map(async (host) =>
        lab.exec(host, `echo '${setting}' >/etc/ssh/sshd_config.d/20-bastion.conf && systemctl reload ssh.service`),
      ),
    );
  });
  after(async () => site.close());

  it(
    "the hosts allow no forwarding, four sessions a connection, and database hosts let in nobody but " +
      "through the bastion",
    async () => {
      for (const { name } of site.lab.hosts) {
        const { stdout } = await site.lab.exec(name, "sshd -T | grep -E '^(allowtcpforwarding|maxsessions) '");
        assert.deepEqual(stdout.trim().split("\n").toSorted(), ["allowtcpforwarding no", "maxsessions 4"]);
      }
      await goThrough(site, "forward");
      const { stdout, stderr } = await site.demand(1, "plan");
      assert.match(stdout + stderr, /via: exec/);
      await goThrough(site, "exec");
    },
  );

  it("pgha brings a whole stack about, and a second apply finds nothing to do", async () => {
    await site.demand(0, "apply", "--yes", "--no-diff");
    await site.demand(0, "status");
    await site.demand(0, "plan");
    const { stdout } = await clientSql(site, "proxy-02", await loginOf(site, "chatwoot"), "SELECT pg_is_in_recovery()");
    assert.equal(stdout.trim(), "f");
  });

  it("every login on a database host came from the bastion, as ops", async () => {
    for (const host of MEMBERS) {
      const { stdout } = await site.lab.exec(
        host,
        "journalctl -q --no-pager -o cat -u ssh.service | grep Accepted | sed -E 's/.* for (.*) port " +
          ".*/\\1/' | sort -u",
      );
      assert.equal(stdout, `ops from ${site.lab.host("proxy-01").address}\n`);
    }
  });
});

/** How the manifest gets to the database hosts from now on. */
async function goThrough(site: Site, via: "exec" | "forward"): Promise<void> {
  await site.edit((manifests) => {
    const { bastion } = clusterOf(manifests).spec["ssh"] as { bastion: { via: string } };
    bastion.via = via;
  });
}
