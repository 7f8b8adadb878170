import { HAPROXY, PGBOUNCER } from "../../src/desired/services.ts";
import { CONTAINER_COMMANDS } from "./container-commands.ts";
import { SOCKET_PROGRAM } from "../../src/render/haproxy-socket.ts";

/**
 * Every command that a message or a document tells people to type. test/typed-commands.test.ts finds them in sources
 * and documents: one that is not here fails it, and so does one here that nothing prints.
 * test/journeys/second-apply.test.ts runs them on lab hosts as they are printed; what is not run there says why.
 */
export interface TypedCommand {
  /** As it is printed. Words of PLACEHOLDERS, VALUE and "..." stand for what the reader fills in. */
  readonly form: string;
  readonly run: OnHosts | Here | NotRun;
}

/** Typed by root, logged in on a host of an installed stack. */
export interface OnHosts {
  readonly where: "member" | "proxy" | "any host";
  /** Another text with the same program and options, where what is printed would take something away. */
  readonly typed?: string;
  /** What is answered when it asks. */
  readonly answers?: string;
  /** What stands in place of each VALUE, one after the other. */
  readonly values?: readonly string[];
  readonly exits?: number;
  readonly prints: RegExp;
}

/** Typed in the folder of the manifest. */
export interface Here {
  readonly where: "here";
  readonly exits?: number;
  readonly prints: RegExp;
}

export interface NotRun {
  readonly where: "not run";
  /** Why not, and what tries it instead. */
  readonly because: string;
}

export const PLACEHOLDERS = [
  "VALUE",
  "NAMESPACE",
  "SCOPE",
  "MEMBER",
  "NAME",
  "FILE",
  "FOLDER",
  "HOST",
  "USER",
  "KEYFILE",
  "VERSION",
  "PGDATA",
  "MOUNT",
  "COMMAND",
  "ADDRESS",
] as const;

const PATRONICTL = "patronictl -c /etc/patroni/config.yml";
const OUTAGE = "it belongs to a recovery of lost data: it would end the stack that the others are run on";
const LEAVING = "test/journeys/second-apply.test.ts types what the message prints, where a member left";
const SERVICE =
  "it would be another journey: test/journeys/second-apply.test.ts does it, by the same words, where a " +
  "password is changed";
const RESTARTS = "it would restart members, or change who leads: test/journeys/in-force.test.ts does";
const OPERATOR = "it wants an API server: test/journeys-kube and test/integration/manifests use the same words";
const OF_THIS_PROJECT = "it builds or tries pgha itself; scripts/test runs it";
const ELSEWHERE = "it wants what only its reader has";

const CONTAINERS = "it wants hosts with Docker, and something amiss in there";
const FOREIGN = "test/journeys/hardened.test.ts types what is printed on a host that has another firewall on";

export const TYPED_COMMANDS: readonly TypedCommand[] = [
  {
    form: "ufw allow proto VALUE from VALUE to any port VALUE comment 'VALUE'",
    run: { where: "not run", because: FOREIGN },
  },
  {
    form:
      `firewall-cmd --permanent --add-rich-rule='rule family="VALUE" source address="VALUE" port port="VALUE" ` +
      `protocol="VALUE" accept'`,
    run: { where: "not run", because: FOREIGN },
  },
  { form: "firewall-cmd --reload", run: { where: "not run", because: FOREIGN } },
  { form: `${PATRONICTL} list`, run: { where: "member", prints: /Leader[^]*Replica|Replica[^]*Leader/ } },
  {
    form: `${PATRONICTL} reinit SCOPE MEMBER`,
    run: { where: "member", answers: "n\n", exits: 1, prints: /want to reinitialize[^]*(?:Canceled|Aborted) reinit/ },
  },
  {
    form: `${PATRONICTL} remove SCOPE`,
    run: { where: "member", answers: "another\n", exits: 1, prints: /confirm the cluster name[^]*do not match/ },
  },
  ...["runuser -u postgres -- psql -d VALUE -c VALUE", "runuser -u postgres -- psql -d postgres -c VALUE"].map(
    (form) =>
      ({
        form,
        run: {
          where: "member",
          typed: "runuser -u postgres -- psql -d postgres -c 'SELECT rolname FROM pg_roles'",
          prints: /rolname[^]*keybuzz/,
        },
      }) as const,
  ),
  { form: "apt-get update", run: { where: "member", prints: /Reading package lists/ } },
  { form: "apt-cache policy VALUE", run: { where: "member", values: ["patroni"], prints: /Candidate: \d/ } },
  { form: "journalctl -u patroni", run: { where: "member", prints: /patroni\[\d+\]/ } },
  { form: "journalctl -u VALUE", run: { where: "member", values: ["patroni.service"], prints: /patroni\[\d+\]/ } },
  { form: `${PATRONICTL} resume`, run: { where: "member", exits: 1, prints: /Cluster is not paused/ } },
  {
    form: `${PATRONICTL} edit-config --force --set standby_cluster=null`,
    run: { where: "member", prints: /Not changed/ },
  },
  {
    form: `${PATRONICTL} edit-config --force --set synchronous_mode_strict=null`,
    run: { where: "member", prints: /Not changed/ },
  },
  {
    form: "patronictl -c VALUE flush VALUE VALUE --force",
    run: {
      where: "member",
      values: ["/etc/patroni/config.yml", "keybuzz-pg", "switchover"],
      prints: /No pending scheduled/,
    },
  },
  { form: "systemctl unmask VALUE", run: { where: "proxy", values: ["fail2ban"], prints: /^(?!.*[Ff]ailed)/ } },
  { form: "systemctl cat patroni", run: { where: "member", prints: /pgha\.conf/ } },
  { form: "systemctl status patroni", run: { where: "member", prints: /Active: active/ } },
  { form: "systemctl status VALUE", run: { where: "member", values: ["patroni.service"], prints: /Active: active/ } },
  {
    form:
      "setpriv --reuid postgres --regid postgres --init-groups -- psql -p VALUE -d postgres -c 'SELECT " +
      "pg_wal_replay_resume()'",
    run: { where: "member", values: ["5432"], prints: /pg_wal_replay_resume/ },
  },
  {
    form:
      "setpriv --reuid postgres --regid postgres --init-groups -- psql -p VALUE -d postgres -c 'ALTER " +
      "SYSTEM RESET VALUE' -c 'SELECT pg_reload_conf()'",
    run: { where: "member", values: ["5432", "work_mem"], prints: /ALTER SYSTEM[^]*pg_reload_conf/ },
  },
  {
    form:
      "setpriv --reuid postgres --regid postgres --init-groups -- psql -p VALUE -d postgres -c 'SELECT " +
      "pg_reload_conf()'",
    run: { where: "member", values: ["5432"], prints: /pg_reload_conf/ },
  },
  {
    form:
      "setpriv --reuid postgres --regid postgres --init-groups -- psql -h VALUE -p VALUE -U pgbouncer " +
      "-d pgbouncer VALUE",
    run: {
      where: "proxy",
      values: [PGBOUNCER.socketDirectory, "6432", "-c 'PAUSE \"n8n\"' -c 'RESUME \"n8n\"'"],
      prints: /PAUSE\nRESUME/,
    },
  },
  ...CONTAINER_COMMANDS.map((form) => ({ form, run: { where: "not run", because: CONTAINERS } }) as const),
  { form: "getent ahosts NAME", run: { where: "any host", prints: /STREAM/ } },
  { form: "getent ahosts VALUE", run: { where: "any host", values: ["localhost"], prints: /STREAM/ } },
  { form: "getent hosts ADDRESS", run: { where: "any host", prints: /localhost/ } },
  { form: "getent hosts VALUE", run: { where: "any host", values: ["127.0.0.1"], prints: /localhost/ } },
  { form: "getent passwd USER", run: { where: "any host", prints: /:\/bin\/bash\n$/ } },
  { form: "getent passwd VALUE", run: { where: "any host", values: ["ops"], prints: /:\/bin\/bash\n$/ } },
  { form: 'chage -E -1 -M -1 -d "$(date +%F)" USER', run: { where: "any host", prints: /^$/ } },
  { form: "chage -l USER", run: { where: "any host", prints: /^Account expires/m } },
  { form: "journalctl -u ssh -n 20", run: { where: "any host", prints: /sshd/ } },
  { form: "sysctl fs.nr_open", run: { where: "any host", prints: /^fs\.nr_open = \d+$/m } },
  { form: "usermod -s /bin/bash USER", run: { where: "any host", prints: /^(?:usermod: no changes\n)?$/ } },
  { form: "sudo -l -U USER", run: { where: "any host", prints: /may run the following/ } },
  { form: "sudo -l -U VALUE", run: { where: "any host", values: ["ops"], prints: /may run the following/ } },
  { form: "ps -eo stat,pid,cmd | grep ^D", run: { where: "any host", exits: 1, prints: /^$/ } },
  {
    form: "perl -e 'VALUE' VALUE 'VALUE'",
    run: { where: "proxy", values: [SOCKET_PROGRAM, HAPROXY.socket, "show info"], prints: /^Name: HAProxy/ },
  },
  { form: "journalctl -u pgha-haproxy", run: { where: "proxy", prints: /haproxy\[\d+\]/ } },
  { form: "journalctl -u pgha-pgbouncer", run: { where: "proxy", prints: /pgbouncer\[\d+\]/ } },
  { form: "systemctl stop pgha-pgbouncer-former.service", run: { where: "proxy", exits: 5, prints: /not loaded/ } },
  {
    form: "systemctl stop VALUE",
    run: { where: "proxy", values: [PGBOUNCER.former.unit], exits: 5, prints: /not loaded/ },
  },
  { form: "ss -ltnp", run: { where: "member", prints: /:5432 .*"postgres"/ } },
  {
    form: "apt-get install -y --no-install-recommends VALUE",
    run: { where: "member", values: ["postgresql-17"], prints: /already the newest/ },
  },
  {
    form: "apt-get install -y locales && echo 'VALUE' >>/etc/locale.gen && locale-gen",
    run: { where: "member", values: ["de_DE.UTF-8 UTF-8"], prints: /de_DE\.UTF-8[^]*Generation complete/ },
  },
  { form: "locale -a", run: { where: "any host", prints: /^C\.utf8$/m } },
  { form: "ps axf", run: { where: "any host", prints: /sshd/ } },
  { form: "ps -C apt,apt-get,dpkg,unattended-upgr", run: { where: "any host", exits: 1, prints: /PID/ } },
  { form: "lsblk -f", run: { where: "any host", prints: /NAME/ } },
  { form: "du -xsh MOUNT/*", run: { where: "member", prints: /\/pgdata\n/ } },
  {
    form: "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    run: { where: "any host", prints: /^256 SHA256:\S+ .*\(ED25519\)$/m },
  },
  {
    form: "for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done",
    run: { where: "any host", prints: /^256 SHA256:\S+ .*\(ED25519\)$/m },
  },
  {
    form: "/usr/lib/postgresql/VERSION/bin/pg_controldata -D PGDATA",
    run: { where: "member", prints: /Latest checkpoint location:/ },
  },
  {
    form: String.raw`cat /proc/$(pgrep -o -x patroni)/environ | tr '\0' '\n' | grep PGHA_START`,
    run: { where: "member", prints: /^PGHA_START=[0-9a-f]+$/m },
  },
  { form: "curl -i http://MEMBER:8008/primary", run: { where: "proxy", prints: /^HTTP\/1\.0 200/ } },
  {
    form: "install -d -o postgres -g postgres -m 0700 MOUNT/raft",
    run: { where: "member", prints: /^$/ },
  },
  {
    form: "sed -i '/^bootstrap:/,/^[a-z]/{/^bootstrap:/d;/^ /d}' /etc/patroni/config.yml",
    run: { where: "not run", because: OUTAGE },
  },
  {
    form: "systemctl stop VALUE && mv VALUE VALUE && systemctl start VALUE",
    run: { where: "not run", because: "test/journeys/raft-stale-first.test.ts types it, where a journal is damaged" },
  },
  { form: "systemctl stop patroni", run: { where: "not run", because: SERVICE } },
  { form: "systemctl start patroni", run: { where: "not run", because: OUTAGE } },
  { form: "systemctl restart patroni", run: { where: "not run", because: SERVICE } },
  { form: "systemctl restart VALUE", run: { where: "not run", because: SERVICE } },
  ...[
    "pgha forget HOST",
    "pgha forget VALUE",
    "pgha forget",
    "systemctl disable --now patroni.service",
    "systemctl disable --now VALUE",
    "python3 -c 'VALUE' VALUE",
    `${PATRONICTL} switchover VALUE --leader VALUE --candidate VALUE --force`,
  ].map((form) => ({ form, run: { where: "not run", because: LEAVING } }) as const),
  { form: "apt-get install sudo", run: { where: "not run", because: "it is for a host without sudo" } },
  {
    form: "apt-get install --no-install-recommends python3-pip",
    run: { where: "not run", because: "it is for the machine that pgha runs on" },
  },
  { form: "ssh -v USER@HOST", run: { where: "not run", because: ELSEWHERE } },
  { form: 'ssh-keygen -p -N "" -f KEYFILE', run: { where: "not run", because: "test/unit/shell/keys.test.ts" } },
  { form: "puttygen KEY.ppk -O private-openssh -o KEYFILE", run: { where: "not run", because: ELSEWHERE } },
  {
    form: "ssh-keygen -t ed25519 -N ''",
    run: { where: "not run", because: "it asks where to; ssh-keygen's own words" },
  },
  { form: "ssh-keygen -A", run: { where: "not run", because: "it would be for hosts that were cloned" } },
  { form: "chmod VALUE 'VALUE'", run: { where: "not run", because: "test/unit/state/folder-store.test.ts" } },
  { form: "chown -R", run: { where: "not run", because: ELSEWHERE } },
  {
    form: "chmod 0440 /etc/sudoers.d/zz-pgha && visudo -c",
    run: { where: "not run", because: "test/journeys/shell.test.ts has a user with such a line" },
  },

  { form: "pgha plan", run: { where: "here", prints: /Nothing to do/ } },
  { form: "pgha plan -f FILE", run: { where: "here", prints: /Nothing to do/ } },
  { form: "pgha delete", run: { where: "here", prints: /Retain: nothing is done; .* as before/ } },
  { form: "pgha status", run: { where: "here", prints: /Clients connect to/ } },
  { form: "pgha status --all", run: { where: "here", prints: /QuorumHealthy/ } },
  {
    form: "pgha status -o json | jq -r '.items[].status.cluster.leader // empty'",
    run: { where: "here", prints: /^db-\S+\n$/ },
  },
  {
    form: `pgha plan -o json | jq '.steps[] | select(.impact != "none")'`,
    run: { where: "here", prints: /^$/ },
  },
  { form: "pgha version -o json | jq -r .commit", run: { where: "here", prints: /^\S+\n$/ } },
  { form: "pgha apply", run: { where: "here", prints: /Nothing to do/ } },
  { form: "pgha apply --yes", run: { where: "here", prints: /Nothing to do/ } },
  { form: "pgha apply --outside-windows", run: { where: "here", prints: /Nothing to do/ } },
  { form: "pgha restart --pending", run: { where: "here", prints: /No member waits for a restart/ } },
  { form: "pgha restart --cancel", run: { where: "here", prints: /No restart is under way/ } },
  { form: "pgha switchover --cancel", run: { where: "here", prints: /No switchover is under way/ } },
  ...["pgha restart [HOST]", "pgha restart", "pgha switchover", "pgha switchover --force"].map(
    (form): TypedCommand => ({
      form,
      run: { where: "not run", because: RESTARTS },
    }),
  ),
  { form: "pgha validate -f FILE", run: { where: "here", prints: /sound|valid/ } },

  ...[
    "kubectl annotate --overwrite pgha --all -n NAMESPACE pgha.keybuzz.io/accept-host-key=HOST=SHA256:...",
    "kubectl annotate --overwrite pgha --all -n VALUE VALUE/accept-host-key=VALUE",
    "kubectl annotate --overwrite pgha --all -n VALUE VALUE=VALUE=VALUE",
    "kubectl annotate --overwrite postgreshacluster NAME pgha.keybuzz.io/forget-host=HOST",
    "kubectl annotate --overwrite postgreshacluster NAME pgha.keybuzz.io/restart-at=pending-$(date +%s)",
    "kubectl annotate --overwrite postgreshacluster VALUE -n VALUE VALUE=pending-$(date +%s)",
    "kubectl annotate --overwrite postgreshacluster NAME pgha.keybuzz.io/switchover-to=HOST@$(date +%s)",
    "kubectl annotate postgreshacluster NAME pgha.keybuzz.io/outside-windows=true",
    "kubectl annotate postgreshacluster VALUE VALUE=true",
    "kubectl annotate --overwrite VALUE VALUE VALUE/forget-host=VALUE",
    "kubectl annotate --overwrite pghac VALUEVALUE pgha.keybuzz.io/rotate-password=VALUE",
    "kubectl annotate --overwrite pghac NAME pgha.keybuzz.io/rotate-password=n8n",
    "kubectl annotate secret -l pgha.keybuzz.io/cluster=NAME pgha.keybuzz.io/system-id-",
    "kubectl delete secret -l pgha.keybuzz.io/cluster=NAME",
    "kubectl get secrets -l pgha.keybuzz.io/cluster=NAME",
    "kubectl apply --server-side -k manifests/crds",
    "kubectl kustomize manifests/base",
    "helm install pgha charts/pgha -n pgha-system --take-ownership --set image.repository=registry.example.org/pgha",
    "kubectl create secret generic VALUE --type=kubernetes.io/ssh-auth --from-file=ssh-privatekey=FILE",
    "kubectl create secret generic NAME-raft --type kubernetes.io/basic-auth --from-file username --from-file password",
    "kubectl describe pgha NAME -n NAMESPACE",
    "kubectl get pgha",
    "kubectl wait",
    "kubectl wait --for=condition=Ready --timeout=5m pgha --all",
    "kubectl wait --for=condition=Ready postgreshacluster/keybuzz-pg --timeout=15m",
    "kubectl -n pgha-system get pods,lease",
    "kubectl -n pgha-system rollout status deployment/pgha-operator",
    "kubectl -n pgha-system logs deployment/pgha-operator",
    "kubectl -n argocd patch configmap argocd-cm --patch-file manifests/argocd/argocd-cm.yaml",
    "kubectl apply -f crds/",
    "kubectl apply -f demo/.pgha/secrets",
    "kubectl apply -f demo/pgha.yaml",
    "kubectl apply -k manifests/base",
    "kubectl apply -k manifests/monitoring",
    "kubectl delete -k manifests/base",
    "helm install pgha charts/pgha -n pgha-system --create-namespace --set " +
      "image.repository=registry.example.org/pgha --set allowHosts='{10.0.0.0/16}'",
    "helm uninstall",
  ].map((form) => ({ form, run: { where: "not run", because: OPERATOR } }) as const),
  ...[
    "demo",
    "demo RUNTIME=container",
    "demo PGHA_MANIFEST=pgha.yaml",
    "demo-kube",
    "fast",
    "test",
    "chaos",
    "build",
    "bench",
    "kube-up",
  ].map((target) => ({ form: `make ${target}`, run: { where: "not run", because: OF_THIS_PROJECT } }) as const),
  {
    form: "docker build -t registry.example.org/pgha:0.1.0 . && docker push registry.example.org/pgha:0.1.0",
    run: { where: "not run", because: OF_THIS_PROJECT },
  },
];
