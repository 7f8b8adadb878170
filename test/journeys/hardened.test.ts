import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { startPackagedLab } from "./support/packaged-lab.ts";
import { clientSql, loginOf } from "./support/psql.ts";
import {
  addBaseline,
  baselineOf,
  FIREWALL,
  mountVolumes,
  OWN_NETWORK,
  prepareClocks,
  unmountVolumes,
} from "./support/baseline.ts";
import { clusterOf, MEMBERS, openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { typeOn } from "./support/typed.ts";

const INSTALL = "apt-get install -q -y --no-install-recommends";

describe("hardened hosts, a user with sudo, and a bastion", () => {
  let site: Site;
  before(async () => {
    const lab = await startPackagedLab();
    const bastion = lab.host("proxy-01");
    await prepareClocks(lab, "proxy-01");
    const uuids = await unmountVolumes(lab);
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
        addBaseline(manifests, bastion.address);
        mountVolumes(manifests, uuids);
      },
    });
    await Promise.all(lab.hosts.map(async ({ name }) => lab.exec(name, OWN_NETWORK)));
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

  it("the base of each host was brought about before anything else there", async () => {
    for (const { name } of site.lab.hosts) {
      const { stdout } = await site.lab.exec(
        name,
        "readlink /etc/localtime; cat /proc/sys/net/ipv4/tcp_fin_timeout; nft list table inet pgha | grep -c policy; " +
          "for f in /etc/sysctl.d/99-zz-pgha.conf /etc/pgha/haproxy/haproxy.cfg /etc/patroni/config.yml; do " +
          "[ ! -e $f ] || stat -c %W $f; done",
      );
      const [zone, timeout, tables, base, service] = stdout.trim().split("\n");
      assert.deepEqual([zone, timeout, tables], ["../usr/share/zoneinfo/Europe/Berlin", "15", "1"], name);
      assert.ok(Number(base) <= Number(service), `${name}: ${stdout}`);
    }
  });

  it("clocks are kept and synchronised, and volumes mounted, before anything that rests on them", async () => {
    for (const { name } of site.lab.hosts) {
      const { stdout } = await site.lab.exec(name, "systemctl is-enabled chrony; chronyc -c tracking | tail -c 7");
      assert.equal(stdout, "enabled\nNormal\n", name);
    }
    const { stdout } = await site.demand(0, "status");
    assert.match(stdout, /chrony keeps its clock/);
    assert.match(stdout, /clock -?\d+ ms off/);
    for (const host of MEMBERS) {
      const unit = "opt-keybuzz-postgres-data.mount";
      const { stdout: mounted } = await site.lab.exec(
        host,
        `systemctl is-enabled ${unit}; systemctl show -p FragmentPath --value ${unit}; findmnt -n -o SOURCE /opt/keybuzz/postgres/data`,
      );
      assert.equal(mounted, `enabled\n/etc/systemd/system/${unit}\n/dev/vdb\n`, host);
    }
  });

  it("who fails to log in by SSH is banned, and of the stack nobody", async () => {
    const fails = `ssh -o BatchMode=yes -o StrictHostKeyChecking=no nobody@${site.lab.host("proxy-02").address} || true`;
    const { address } = site.lab.host("proxy-01");
    const ignored = `grep -F 'Ignore ${address} by ip' /var/log/fail2ban.log`;
    const otherwise = "{ tail -n 20 /var/log/fail2ban.log; journalctl -q --no-pager -o cat -n 20 -u ssh; false; }";
    await until(
      "fail2ban sees failures of the stack, and ignores them",
      async () => {
        await site.lab.exec("proxy-01", fails);
        const { exitCode, stdout } = await site.lab.exec("proxy-02", `${ignored} || ${otherwise}`);
        assert.equal(exitCode, 0, stdout);
        return true;
      },
      60_000,
      // Slow enough for sshd's own PerSourcePenalties, which shut out who fails faster.
      6_000,
    );
    const banned = "fail2ban-client -q set sshd banip 192.0.2.7 && nft list table inet f2b-table";
    assert.match((await site.lab.exec("proxy-02", banned)).stdout, /192\.0\.2\.7/);
    await site.lab.exec("proxy-02", "fail2ban-client -q set sshd unbanip 192.0.2.7");
  });

  it("what a container's kernel audits for nobody is written down and said, and nothing waits for it", async () => {
    const { stdout } = await site.demand(0, "plan");
    for (const { name } of site.lab.hosts) {
      const { stdout: there } = await site.lab.exec(
        name,
        "dpkg-query -Wf '${db:Status-Status} ' auditd; stat -c '%a %U:%G' /etc/audit/rules.d/50-pgha.rules; " +
          "grep -c -e '-k pgha-baseline$' /etc/audit/rules.d/50-pgha.rules; auditctl -s 2>&1 || true",
      );
      const [state, rules, said = ""] = there.trim().split("\n");
      assert.equal(state, "installed 640 root:root", name);
      assert.ok(Number(rules) >= 18, there);
      assert.match(said, /Operation not permitted/);
      assert.match(stdout, new RegExp(`AuditNotHere[^]*${name}|${name}[^]*AuditNotHere`));
    }
    // Whoever logs in there does not even get the socket.
    assert.match(stdout, /nothing is audited there: Error .*(?:not in kernel|not permitted)/);
    for (const host of MEMBERS) {
      const { stdout: watched } = await site.lab.exec(host, "grep -c /etc/patroni/ /etc/audit/rules.d/50-pgha.rules");
      assert.equal(watched, "1\n", host);
    }
  });

  it("what drifts of a base is said, and put back", async () => {
    const editedAndBack = (file: string, edit: string, read: string): string =>
      `cp -p ${file} /root/kept && sed -i '${edit}' ${file} && ${read} && cp -p /root/kept ${file}`;
    const drifts: Readonly<Record<string, RegExp>> = {
      "echo 60 >/proc/sys/net/ipv4/tcp_fin_timeout": /net\.ipv4\.tcp_fin_timeout = 15 \(now 60\)/,
      "rm /etc/sysctl.d/99-zz-pgha.conf": /write \/etc\/sysctl\.d\/99-zz-pgha\.conf/,
      "ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime": /set the time zone Europe\/Berlin \(now Asia\/Tokyo\)/,
      "nft add rule inet pgha input tcp dport 1 accept": /load pgha's table of nftables anew/,
      "nft flush ruleset": /load pgha's table of nftables;/,
      [editedAndBack(
        "/etc/systemd/system/pgha-firewall.service",
        "s!^ExecStart=.*!ExecStart=/usr/sbin/nft add rule inet pgha input tcp dport 2 accept!",
        "systemctl daemon-reload && systemctl restart pgha-firewall",
      )]: /load pgha's table of nftables anew/,
      "systemctl disable -q --now chrony": /enable chrony and start chrony/,
      "systemctl disable -q --now fail2ban": /enable fail2ban and start fail2ban/,
      "rm /etc/audit/rules.d/50-pgha.rules": /write pgha's audit rules, for the next boot/,
      "echo '/swapfile none swap sw 0 0' >>/etc/fstab": /comment swap out in \/etc\/fstab/,
      // A file that was edited, read by what it is for, and put back with the times that it had.
      [editedAndBack(
        "/etc/ssh/sshd_config.d/00-pgha.conf",
        "s/^PasswordAuthentication no/PasswordAuthentication yes/",
        "systemctl reload ssh",
      )]: /have sshd take keys only/,
      [editedAndBack(
        "/etc/systemd/journald.conf.d/zz-pgha.conf",
        "s/100M/900M/",
        "systemctl restart systemd-journald",
      )]: /restart the journal, which reads its files then/,
      "touch /run/reboot-required": /RebootNeeded/,
    };
    const hosts = site.lab.hosts.map(({ name }) => name);
    for (const [index, drift] of Object.keys(drifts).entries()) {
      const { exitCode, stderr } = await site.lab.exec(hosts[index % hosts.length] ?? "", drift);
      assert.equal(exitCode, 0, `${drift}: ${stderr}`);
    }
    const { stdout } = await site.demand(2, "plan");
    for (const words of Object.values(drifts)) assert.match(stdout, words);
    await site.demand(0, "apply", "--yes", "--no-diff");
    assert.match((await site.demand(0, "plan")).stdout, /RebootNeeded/);
    for (const host of hosts) {
      const { stdout: now } = await site.lab.exec(
        host,
        "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o PreferredAuthentications=none localhost 2>&1 | " +
          "grep -o 'Permission denied [^[:cntrl:]]*'; nft list table inet pgha | grep -c 'dport [12] ' || true; " +
          "grep -c '^#pgha-swap:/swapfile none' /etc/fstab || true",
      );
      assert.match(now, /^Permission denied \(publickey\)\.\n0\n[01]\n$/, host);
    }
  });

  it("a member comes up by itself after a reboot, with its volume, and nothing is left to do", async () => {
    await site.lab.reboot("db-slave-02");
    // What a boot does with /etc/sysctl.d, which was read-only just then.
    await site.lab.exec("db-slave-02", `${OWN_NETWORK} && systemctl restart systemd-sysctl`);
    await until("it streams again", async () => (await site.pgha("plan")).exitCode === 0, 90_000);
  });

  it("a firewall that cuts pgha off is taken back by the hosts, and the plan says so", async () => {
    const rules = async (): Promise<string> => (await site.lab.exec("proxy-01", "nft -s list table inet pgha")).stdout;
    const before = await rules();
    await site.edit((manifests) => {
      baselineOf(manifests)["firewall"] = { drop: "everything", adminNetworks: ["192.0.2.0/24"] };
    });
    const started = Date.now();
    const { stdout, stderr } = await site.demand(1, "apply", "--yes", "--no-diff");
    assert.ok(Date.now() - started < 60_000, `it took ${Date.now() - started} ms`);
    assert.match(stdout + stderr, /the host has taken it back/);
    assert.equal(await rules(), before);
    assert.match((await site.pgha("plan")).stdout, /FirewallTakenBack/);
    await site.edit((manifests) => {
      baselineOf(manifests)["firewall"] = FIREWALL;
    });
    await site.demand(0, "apply", "--yes", "--no-diff");
    await site.demand(0, "plan");
  });

  it("an sshd that keeps pgha out is taken back by the host, and the plan says so", async () => {
    await site.edit((manifests) => delete baselineOf(manifests)["sshd"]);
    await site.demand(0, "apply", "--yes", "--no-diff");
    // A site whose own rules refuse whoever logs in once passwords are off.
    const rule = "account required pam_exec.so quiet /usr/bin/test ! -e /etc/ssh/sshd_config.d/00-pgha.conf";
    await site.lab.exec("db-slave-01", `sed -i '1i ${rule}' /etc/pam.d/sshd`);
    await site.edit((manifests) => {
      baselineOf(manifests)["sshd"] = "keys-only";
    });
    const started = Date.now();
    const { stdout, stderr } = await site.demand(1, "apply", "--yes", "--no-diff");
    assert.ok(Date.now() - started < 60_000, `it took ${Date.now() - started} ms`);
    assert.match(stdout + stderr, /the host has taken it back/);
    assert.match((await site.pgha("plan")).stdout, /SshdTakenBack/);
    await site.lab.exec("db-slave-01", "sed -i 1d /etc/pam.d/sshd; rm /etc/pgha/sshd/refused");
    await site.demand(0, "apply", "--yes", "--no-diff");
    await site.demand(0, "plan");
  });

  it("what a host's ufw lacks is printed as ufw takes it, and its rules are left to it", async () => {
    await leftToOthers(site, {
      on: `${INSTALL} ufw && ufw allow proto tcp from 10.77.0.0/16 to any port 22 && ufw --force enable`,
      command: /^ufw /,
      list: "ufw status",
      opens: (port) => new RegExp(`^${port}/tcp +ALLOW`, "m"),
      off: "ufw --force disable",
    });
  });

  it("and what a host's firewalld lacks as firewalld takes it, in force at once", async () => {
    await leftToOthers(site, {
      on: `${INSTALL} firewalld && firewall-cmd -q --state`,
      command: /^firewall-cmd /,
      list: "firewall-cmd --list-rich-rules",
      opens: (port) => new RegExp(`port="${port}" protocol="tcp" accept`),
      off: "systemctl disable -q --now firewalld",
    });
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

interface OthersFirewall {
  readonly on: string;
  /** What the commands begin with that pgha prints. */
  readonly command: RegExp;
  readonly list: string;
  readonly opens: (port: number) => RegExp;
  readonly off: string;
}

/** Switches another firewall on, types what the plan prints of it, and finds the ports open there. */
async function leftToOthers(site: Site, other: OthersFirewall): Promise<void> {
  const host = "proxy-02";
  const installed = await site.lab.exec(host, other.on);
  assert.equal(installed.exitCode, 0, installed.stderr);
  const { blockers } = JSON.parse((await site.pgha("plan", "-o", "json")).stdout) as {
    readonly blockers: readonly { readonly host?: string; readonly reason: string; readonly wayOut: string }[];
  };
  assert.deepEqual(
    blockers.map(({ host: named, reason }) => [named, reason]),
    [[host, "FirewallOfOthers"]],
  );
  const printed = (blockers[0]?.wayOut ?? "").split("\n").filter((line) => other.command.test(line));
  assert.ok(printed.length >= 5, printed.join("\n"));
  for (const line of printed) {
    const { exitCode, printed: said } = await typeOn(site.lab, host, line);
    assert.equal(exitCode, 0, `${line}: ${said}`);
  }
  const { stdout } = await site.lab.exec(host, other.list);
  for (const port of [22, 5432, 5433, 8404, 6432]) assert.match(stdout, other.opens(port));
  await site.lab.exec(host, other.off);
  // firewalld takes fail2ban along when it stops: a part of it, as Debian's unit has it.
  await site.demand(0, "apply", "--yes", "--no-diff");
  await site.demand(0, "plan");
}

/** How the manifest gets to the database hosts from now on. */
async function goThrough(site: Site, via: "exec" | "forward"): Promise<void> {
  await site.edit((manifests) => {
    const { bastion } = clusterOf(manifests).spec["ssh"] as { bastion: { via: string } };
    bastion.via = via;
  });
}
