import assert from "node:assert/strict";
import { until } from "../../kube/until.ts";
import type { Lab } from "../../lab/lab.ts";
import { PROXIES } from "./site.ts";

const [ONE, TWO] = PROXIES;
const ASK_MAXCONN =
  "perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => shift); " +
  'print $s "show info\\n"; print grep { /^Maxconn:/ } <$s>\' /run/pgha-haproxy/admin.sock';
const CONSOLE =
  "setpriv --reuid postgres --regid postgres --init-groups -- psql -X --csv -h /run/pgha-pgbouncer -p 6432 " +
  "-U pgbouncer -d pgbouncer";

/** What processes run with of what `editByHand` changes. */
export async function readByHand(lab: Lab, replica: string): Promise<Readonly<Record<string, string>>> {
  return {
    haproxy: await demand(lab, ONE, ASK_MAXCONN),
    pgbouncer: await demand(lab, TWO, `${CONSOLE} -c 'SHOW CONFIG' | grep ^query_wait_timeout,`),
    files: await demand(
      lab,
      TWO,
      `grep 'open files' /proc/$(systemctl show -P MainPID pgha-haproxy)/limits | tr -s ' '`,
    ),
    patroni: await demand(
      lab,
      replica,
      `curl -s http://$(hostname -I | cut -d ' ' -f 1):8008/patroni | grep -c by_hand || true`,
    ),
  };
}

/** Somebody edits files, keeps the marks in them, has them read in one way or another, and puts some of them back. */
export async function editByHand(lab: Lab, replica: string): Promise<void> {
  const edited = (path: string, expression: string): string =>
    `cp -p ${path} /root/before && sed -i '${expression}' ${path}`;
  // Read at a restart, as at a reboot; the file is left for pgha to put back.
  await demand(
    lab,
    ONE,
    `${edited("/etc/pgha/haproxy/haproxy.cfg", "0,/maxconn .*/s//maxconn 777/")} && systemctl restart pgha-haproxy`,
  );
  // Read at a signal, and put back by who edited it, with its old time.
  const ini = "/etc/pgha/pgbouncer/pgbouncer.ini";
  await demand(
    lab,
    TWO,
    `${edited(ini, "s/^query_wait_timeout = .*/query_wait_timeout = 7/")} &&
kill -HUP $(systemctl show -P MainPID pgha-pgbouncer) &&
until ${CONSOLE} -c 'SHOW CONFIG' | grep -q '^query_wait_timeout,7,'; do :; done
cp -p /root/before ${ini}`,
  );
  // A unit, put back the same way.
  const unit = "/etc/systemd/system/pgha-haproxy.service";
  await demand(
    lab,
    TWO,
    `${edited(unit, "s/^LimitNOFILE=.*/LimitNOFILE=7777/")} && systemctl daemon-reload &&
systemctl restart pgha-haproxy && cp -p /root/before ${unit} && systemctl daemon-reload`,
  );
  const yml = "/etc/patroni/config.yml";
  await demand(lab, replica, `${edited(yml, "s/^tags:/tags:\\n  by_hand: true/")} && systemctl reload patroni`);
  await until("Patroni has read it", async () => (await readByHand(lab, replica))["patroni"] === "1", 30_000);
}

async function demand(lab: Lab, host: string, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.exec(host, script);
  assert.equal(exitCode, 0, `${host}: ${script}\n${stderr}`);
  return stdout.trim();
}
