import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadManifestText } from "../../../../src/api/load.ts";
import { hostsOf } from "../../../../src/api/places.ts";
import { brokenLasting } from "../../../../src/api/lasting.ts";
import { stackOf } from "../../../../src/reconcilers/stack.ts";
import { judge, soundStack } from "../stack.ts";
import type { Verdict } from "../stack.ts";

const BASE = "HostBaseline/base";

function baseline(spec: object = {}, name = "base"): object {
  return {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "HostBaseline",
    metadata: { name },
    spec: { clusterRef: { name: "main" }, ...spec },
  };
}

const judged = (...more: readonly object[]): Verdict => judge((stack) => stack.more.push(...more));

const said = ({ problems }: Verdict): readonly string[] =>
  problems.map(({ resource, path, message, wayOut }) => `${resource} ${path}: ${message}; ${wayOut ?? ""}`);

describe("a HostBaseline, by itself", () => {
  it("may leave everything out but its cluster", () => {
    assert.deepEqual(judged(baseline()).problems, []);
    assert.deepEqual(judged(baseline({ sysctl: {}, timezone: "UTC", packages: ["rsync"] })).problems, []);
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ["a key without a dot", { sysctl: { values: { somaxconn: 1 } } }, /values\.somaxconn: is no key/],
    ["a key out of the tree", { sysctl: { values: { "vm../../etc/passwd": 1 } } }, /is no key/],
    ["a tree that is misspelt", { sysctl: { values: { "nett.core.somaxconn": 1 } } }, /mean net\.core\.somaxconn\?/],
    ["an act", { sysctl: { values: { "vm.drop_caches": 3 } } }, /is no setting: writing it empties/],
    ["a value of several lines", { sysctl: { values: { "net.core.somaxconn": "1\n2" } } }, /is not one line/],
    ["no value", { sysctl: { values: { "net.core.somaxconn": " " } } }, /is empty/],
    [
      "one setting twice",
      { sysctl: { values: { "vm.swappiness": 1, "vm/swappiness": 2 } } },
      /the same setting as vm\.sw/,
    ],
    [
      "two that undo each other",
      { sysctl: { values: { "vm.dirty_ratio": 10, "vm.dirty_bytes": 1000000 } } },
      /undoes vm\.dirty_ratio: the kernel heeds one/,
    ],
    ["a time zone in other capitals", { timezone: "europe/berlin" }, /did you mean Europe\/Berlin\?/],
    ["a time zone that is misspelt", { timezone: "Europe/Berln" }, /did you mean Europe\/Berlin\?/],
    ["a time zone that is none", { timezone: "Mars/Olympus" }, /is no time zone; write one such as/],
    [
      "what another kind installs",
      { packages: ["rsync", "haproxy"] },
      /spec\.packages\[1\]: "haproxy" is installed by/,
    ],
    ["a package with an option", { packages: ["-oDebug"] }, /spec\.packages\[0\]/],
    ["a server that is no address", { time: { servers: ["10.0.0.300"] } }, /servers\[0\]: "10\.0\.0\.300" looks like/],
    ["a server with an option", { time: { servers: ["ntp.example.org iburst"] } }, /servers\[0\]/],
    ["no servers at all", { time: { servers: [] } }, /spec\.time\.servers/],
    ["swap that is some", { swap: "off" }, /spec\.swap/],
    ["a journal without a unit of size", { journal: { maxUse: "1000" } }, /spec\.journal\.maxUse/],
    ["too few open files", { limits: { openFiles: 10 } }, /spec\.limits\.openFiles/],
    ["a ban without a unit of time", { fail2ban: { banTime: "600" } }, /spec\.fail2ban\.banTime/],
    ["a ban at the first glance", { fail2ban: { maxRetry: 0 } }, /spec\.fail2ban\.maxRetry/],
    ["a network that is none", { fail2ban: { ignore: ["everybody"] } }, /spec\.fail2ban\.ignore\[0\]/],
    [
      "what takes rules of others away",
      { auditd: { rules: ["-w /a -p w", "-D"] } },
      /rules\[1\]: begins with "-D", wh/,
    ],
    [
      "a lock of the audit",
      { auditd: { rules: ["-e 2"] } },
      /"-e", which is no rule: it takes.*; .*in \/etc\/audit\/rul/,
    ],
    ["a setting of the whole", { auditd: { rules: ["--backlog_wait_time 0"] } }, /begins with "--backlog_wait_time"/],
    ["a watch that is taken back", { auditd: { rules: ["-W /etc/passwd"] } }, /begins with "-W"/],
    [
      "a rule in quotes",
      { auditd: { rules: ["-w '/etc/my file' -p w"] } },
      /has a quote or a backslash.*; take it out/,
    ],
    [
      "two rules in one",
      { auditd: { rules: ["-w /a -p w\n-D"] } },
      /rules\[0\]: is not one line of plain ASCII; .*item/,
    ],
    [
      "a rule and a control in one",
      { auditd: { rules: ["-w /a -p w -e 2"] } },
      /has "-e" where one of -p, -k is wanted/,
    ],
    ["an option that is none", { auditd: { rules: ["-a always,exit -w /a"] } }, /has "-w" where one of -F, -S, -C, -k/],
    ["half a rule", { auditd: { rules: ["-w /a -p"] } }, /has -p, which lacks what it is about/],
    [
      "permissions that are none",
      { auditd: { rules: ["-w /a -p rwz"] } },
      /-p "rwz", which is not made of r, w, x and a/,
    ],
    ["a watch of no path", { auditd: { rules: ["-w etc/passwd"] } }, /-w "etc\/passwd", which is no path from \/ on/],
    ["a watch of a detour", { auditd: { rules: ["-w /etc/../root"] } }, /which is not the shortest form of that path/],
    ["a watch of everything", { auditd: { rules: ["-w /"] } }, /-w "\/", which is no path/],
    [
      "a list without a key",
      { auditd: { rules: ["-a always,exclude -F msgtype=CWD"] } },
      /about another list than exit/,
    ],
    ["an action that is none", { auditd: { rules: ["-a exit -S open"] } }, /-a "exit", which is no action and list/],
    ["a field that is none", { auditd: { rules: ["-a always,exit -F bogus=1"] } }, /a field that pgha does not know/],
    ["a field without a value", { auditd: { rules: ["-a always,exit -F auid"] } }, /is no field, sign and value/],
    ["calls that are none", { auditd: { rules: ["-a always,exit -S open;reboot"] } }, /names no system calls/],
    ["a comparison that is none", { auditd: { rules: ["-a always,exit -C uid>euid"] } }, /compares no two fields/],
    ["a key with blanks in its sign", { auditd: { rules: ["-w /a -k a=b"] } }, /-k "a=b", which is no key of letters/],
    ["pgha's own key", { auditd: { rules: ["-w /a -k x-pgha-baseline"] } }, /which is pgha's own key/],
    ["one rule twice", { auditd: { rules: ["-w /a -p wa", "-w /a/ -p aw"] } }, /\[1\]: is the same rule as rules\[0\]/],
    ["no rules", { auditd: { rules: [] } }, /spec\.auditd\.rules/],
    ["hosts of its own", { hosts: [{ name: "a", address: "10.0.0.9" }] }, /hosts/],
  ];
  for (const [what, spec, words] of wrong)
    it(`is refused with ${what}`, () => {
      const problems = said(judged(baseline(spec)));
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", words);
      assert.ok(problems[0]?.startsWith(`${BASE} spec.`));
    });

  it("takes keys with a dot inside a name in either spelling, and lists of numbers", () => {
    const values = {
      "net.ipv4.conf.eth0/100.forwarding": 0,
      "net/ipv4/conf/eth1.100/forwarding": 0,
      "net.ipv4.tcp_rmem": "4096\t87380  16777216",
    };
    assert.deepEqual(judged(baseline({ sysctl: { values } })).problems, []);
  });

  it("takes audit rules in auditctl's syntax", () => {
    const rules = [
      "-w /etc/hosts -p wa -k hosts",
      "-w  /srv/data/  -k data",
      "-a always,exit -F arch=b64 -S openat,open -S 2 -F auid>=1000 -F auid!=unset -F exit=-EACCES -k denied",
      "-A exit,never -F exe=/usr/bin/chronyd -F a0&=0x3 -C uid!=euid",
      "-a always,exit -F dir=/home -F perm=wa -F key=home",
    ];
    assert.deepEqual(judged(baseline({ auditd: { rules } })).problems, []);
  });

  it("keeps its cluster for life", () => {
    const [one] = judged(baseline()).resources.slice(-1);
    assert.ok(one !== undefined);
    const [problem] = brokenLasting({ clusterRef: { name: "other" } }, one);
    assert.match(`${problem?.path} ${problem?.message}`, /spec\.clusterRef\.name clusterRef can't be changed/);
  });
});

describe("a HostBaseline, beside the others", () => {
  it("is refused where its cluster or a target is not there, with the one that may be meant", () => {
    assert.match(
      said(judged(baseline({ clusterRef: { name: "mian" } })))[0] ?? "",
      /no PostgresHACluster "mian"; did you/,
    );
    const targets = [{ kind: "HAProxyPool", name: "prxy" }];
    assert.match(
      said(judged(baseline({ targets })))[0] ?? "",
      /targets\[0\]\.name: there is no HAProxyPool "prxy"; did you/,
    );
  });

  it("is refused where two cover one host, and not where each has its own", () => {
    const of = (kind: string, name: string): object => ({ targets: [{ kind, name }] });
    assert.match(said(judged(baseline(), baseline({}, "more")))[0] ?? "", /host of HostBaseline\/base already/);
    const apart = [baseline(of("PostgresHACluster", "main")), baseline(of("HAProxyPool", "proxy"), "proxies")];
    assert.deepEqual(judged(...apart).problems, []);
  });

  it("has the hosts of all of its stack, each once, or of its targets", () => {
    const documents = ({ targets }: { targets?: object[] }): string => {
      const { cluster, haproxy, pgbouncer } = soundStack();
      const base = baseline(targets === undefined ? {} : { targets });
      return [cluster, haproxy, pgbouncer, base].map((one) => JSON.stringify(one)).join("\n---\n");
    };
    const namesOf = (text: string): readonly string[] => {
      const [one] = stackOf(loadManifestText(text, "test").resources).baselines;
      return one === undefined ? [] : hostsOf(one).map(({ name }) => name);
    };
    assert.deepEqual(namesOf(documents({})), ["db-1", "db-2", "db-3", "proxy-1", "proxy-2"]);
    const targets = [{ kind: "PgBouncerPool", name: "pooler" }];
    assert.deepEqual(namesOf(documents({ targets })), ["proxy-1", "proxy-2"]);
  });

  it("is the same object while it and its targets are", () => {
    const { resources } = judged(baseline());
    assert.equal(stackOf(resources).baselines[0], stackOf(resources).baselines[0]);
  });
});
