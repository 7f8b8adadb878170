import type { Lab } from "../../lab/lab.ts";

/** The distribution's own, and one that somebody made for redis. */
export const OTHER_HAPROXIES = ["haproxy.service", "haproxy-redis.service"] as const;

/** Other people's HAProxies on a host, as in the field (F53): they were there first, and must not notice pgha. */
export async function startOtherHaproxies(lab: Lab, host: string): Promise<void> {
  const { exitCode, stderr } = await lab.exec(
    host,
    `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -q -y --no-install-recommends haproxy
cat >>/etc/haproxy/haproxy.cfg <<'CFG'
listen web
  bind :8080
  server one 127.0.0.1:80
CFG
systemctl restart haproxy.service
mkdir -p /etc/haproxy-redis
cat >/etc/haproxy-redis/haproxy.cfg <<'CFG'
defaults
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen redis
  mode tcp
  bind :6379
  server one 127.0.0.1:6380
CFG
cat >/etc/systemd/system/haproxy-redis.service <<'UNIT'
[Service]
Type=notify
ExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy-redis/haproxy.cfg
UNIT
systemctl daemon-reload
systemctl start haproxy-redis.service`,
  );
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
}
