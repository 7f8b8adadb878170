import { DB, PROXY, testCases, type Case } from "../cases.ts";
import { hostKey, type Stack } from "../stack.ts";

const mount =
  (mountPath: string) =>
  ({ cluster }: Stack) =>
    (cluster.spec.postgresql.dataVolume.mountPath = mountPath);
const directory =
  (dataDirectory: string) =>
  ({ cluster }: Stack) =>
    (cluster.spec.postgresql.dataDirectory = dataDirectory);
const address =
  (value: string) =>
  ({ cluster }: Stack) =>
    cluster.spec.hosts.forEach((host, index) => (host.address = index === 0 ? value : host.address));
const hba =
  (line: string) =>
  ({ cluster }: Stack) =>
    (cluster.spec.postgresql.additionalHba = [line]);
const clients =
  (cidr: string) =>
  ({ cluster }: Stack) =>
    (cluster.spec.postgresql.clientNetworks = [cidr]);
const refusedAt =
  (path: string) =>
  (spoil: (stack: Stack) => void, what: string): Case => ({
    reason: `${path} refuses ${JSON.stringify(what)}`,
    spoil,
    problems: [`${DB} ${path}`],
  });

const mountPath = refusedAt("spec.postgresql.dataVolume.mountPath");
const dataDirectory = refusedAt("spec.postgresql.dataDirectory");
const hostAddress = refusedAt("spec.hosts[0].address");
const hbaLine = refusedAt("spec.postgresql.additionalHba[0]");
const network = refusedAt("spec.postgresql.clientNetworks[0]");

testCases([
  ...[
    "/",
    "data",
    "/data/",
    "/data//x",
    "/data/../etc",
    "/data/.x",
    "/da ta",
    "/da'ta",
    "/data\n",
    "/$(id)",
    "/etc",
    "/var",
    "/usr/share/pg",
    "/proc/1",
  ].map((path) => mountPath(mount(path), path)),
  { reason: "a mount below /var is accepted", spoil: mount("/var/lib/postgresql") },
  ...["/srv/postgres", "/srv/postgresql/data", "/data", "/srv/postgres/../x"].map((path) =>
    dataDirectory(directory(path), path),
  ),
  { reason: "F14: PGDATA in a directory of the volume is accepted", spoil: directory("/srv/postgres/17/main") },
  {
    reason: "the volume of a pool must not be the system's either",
    spoil: ({ haproxy }) => (haproxy.spec.dataVolume = { mountPath: "/usr" }),
    problems: [`${PROXY} spec.dataVolume.mountPath`],
  },
  ...[
    "10.0.0.256",
    "1.2.3",
    "10.0.0.1:22",
    "fe80::1%eth0",
    "::g",
    "-oProxyCommand=x",
    "a b",
    "a;b",
    "a$(id)",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "a..b",
    `${"a".repeat(64)}.example`,
  ].map((value) => hostAddress(address(value), value)),
  { reason: "an IPv6 address is accepted", spoil: address("fd00::120") },
  { reason: "a DNS name is accepted", spoil: address("db-1.example.org") },
  { reason: "loopback is warned of", spoil: address("127.0.0.1"), warnings: [`${DB} spec.hosts[0].address`] },
  ...["10.0.0.0", "10.0.0.0/33", "10.0.0.1/16", "fd00::1/8", "10.0.0.0/016", "a/8", "10.0.0.0/16 trust"].map((cidr) =>
    network(clients(cidr), cidr),
  ),
  {
    reason: "a bastion's address and key are looked at like a host's",
    spoil: ({ cluster }) => (cluster.spec.ssh.bastion = { address: "10.0.0.256", hostKey: "ssh-ed25519 AAAA" }),
    problems: [`${DB} spec.ssh.bastion.address`, `${DB} spec.ssh.bastion.hostKey`],
  },
  {
    reason: "so are those of a bastion that one host has for itself",
    spoil: ({ cluster }) =>
      cluster.spec.hosts.forEach((host, index) =>
        index === 1 ? (host.ssh = { bastion: { address: "1.2.3", hostKey: "ssh-ed25519 AAAA" } }) : host,
      ),
    problems: [`${DB} spec.hosts[1].ssh.bastion.address`, `${DB} spec.hosts[1].ssh.bastion.hostKey`],
  },
  {
    reason: "a bastion as it should be is accepted",
    spoil: ({ cluster }) => (cluster.spec.ssh.bastion = { address: "bastion.example.org", hostKey: hostKey(50) }),
  },
  {
    reason: "an address to bind that is none is refused",
    spoil: ({ haproxy }) => (haproxy.spec.bindAddresses = ["0.0.0.0", "10.0.0.256"]),
    problems: [`${PROXY} spec.bindAddresses[1]`],
  },
  {
    reason: "a network for the statistics that is none is refused",
    spoil: ({ haproxy }) => (haproxy.spec.statsNetworks = ["10.0.0.1/8"]),
    problems: [`${PROXY} spec.statsNetworks[0]`],
  },
  { reason: "an IPv6 network is accepted", spoil: clients("fd00:1:2::/48") },
  {
    reason: "the whole internet is warned of",
    spoil: clients("0.0.0.0/0"),
    warnings: [`${DB} spec.postgresql.clientNetworks[0]`],
  },
  ...[
    "hots all all 10.0.0.0/8 md5",
    "host all all 10.0.0.1 scram-sha-256",
    "host all all",
    "host all all 10.0.0.0/8 scram",
    "include x",
    "host @users all 10.0.0.0/8 reject",
    'host "a all 10.0.0.0/8 reject',
    "host all all 0/0 trust\nlocal all all trust",
    "host all all 10.0.0.0/33 scram-sha-256",
    "host all all 10.0.0.0 24 scram-sha-256",
    "host all all 10.0.0.0/8 peer",
    "local all all gss",
    "# only a comment",
    "host all /[a-z 10.0.0.0/8 reject",
    String.raw`host all /app\q 10.0.0.0/8 reject`,
    "host all all .example.org cert",
    "host all all 10.0.0.0/8 radius radiusservers=10.0.0.1",
    "host all all 10.0.0.0/8 scram-sha-256 map=x",
    "host all all fe80::1%eth0/128 reject",
    "hostssl all all 10.0.0.0/8 scram-sha-256",
    "host all all 10.0.0.0/8 reject \\",
  ].map((line) => hbaLine(hba(line), line)),
  ...[
    "local all all peer",
    "host app,reader +staff 10.1.0.0/16 scram-sha-256",
    "host all all 10.0.0.1 255.255.255.255 reject",
    'host "all" "my user" samenet ldap ldapserver=x ldapprefix=uid=',
    "hostnossl all all .example.org reject",
    "host replication replicator 10.9.0.0/16 scram-sha-256",
    "host postgres app 10.9.0.0/16 scram-sha-256",
    String.raw`host all /^\mapp_[[:digit:]]+$ 10.9.0.0/16 scram-sha-256`,
  ].map((line): Case => ({ reason: `additionalHba accepts ${line}`, spoil: hba(line) })),
  ...["md5", "password"].map((method): Case => ({
    reason: `${method} is warned of`,
    spoil: hba(`host all all 10.0.0.0/8 ${method}`),
    warnings: [`${DB} spec.postgresql.additionalHba[0]`],
  })),
  ...[
    ["a map that pgha does not write", ["local all app peer map=m"], 0],
    ["an address inside of a network", ["host all all 10.0.0.5/8 reject"], 0],
    ["a line that an earlier one always decides", ["host all all all reject", "host all app 10.0.0.0/8 reject"], 1],
    [
      "a narrower network behind a wider one",
      ["host all app 10.0.0.0/8 reject", "hostnossl x app 10.1.0.0/16 reject"],
      1,
    ],
  ].map(([reason, lines, index]) => ({
    reason: `${String(reason)} is warned of`,
    spoil: ({ cluster }: Parameters<ReturnType<typeof hba>>[0]) =>
      void (cluster.spec.postgresql = { ...cluster.spec.postgresql, additionalHba: lines as string[] } as never),
    warnings: [`${DB} spec.postgresql.additionalHba[${String(index)}]`],
  })),
  ...[
    "local app postgres scram-sha-256",
    "host app postgres 10.9.0.0/16 scram-sha-256",
    "host app rewind_user,replicator 10.9.0.0/16 reject",
    "host app app 10.20.1.0/24 scram-sha-256",
  ].map((line): Case => ({
    reason: `${line}, which pgha's own lines decide before, is warned of`,
    spoil: ({ cluster }) =>
      void (cluster.spec.postgresql = {
        ...cluster.spec.postgresql,
        clientNetworks: ["10.20.0.0/16"],
        additionalHba: [line],
      } as never),
    warnings: [`${DB} spec.postgresql.additionalHba[0]`],
  })),
  {
    reason: "lines of which none decides for another are not warned of",
    spoil: ({ cluster }) =>
      void (cluster.spec.postgresql = {
        ...cluster.spec.postgresql,
        additionalHba: [
          "host all app 10.1.0.0/16 reject",
          "host all app 10.0.0.0/8 reject",
          "host all all all reject",
          "host replication app 10.0.0.0/8 reject",
          "local all app reject",
        ],
      } as never),
  },
  {
    reason: "trust is warned of",
    spoil: hba("host all all 10.0.0.0/8 trust"),
    warnings: [`${DB} spec.postgresql.additionalHba[0]`],
  },
  {
    reason: "loopWait + 2*retryTimeout above ttl is refused",
    spoil: ({ cluster }) => (cluster.spec.patroni = { ttl: 29 }),
    problems: [`${DB} spec.patroni.ttl`],
  },
  {
    reason: "loopWait + 2*retryTimeout equal to ttl is accepted",
    spoil: ({ cluster }) => (cluster.spec.patroni = { ttl: 20, loopWait: 10, retryTimeout: 5 }),
  },
  {
    reason: "Purge without its confirmation is refused",
    spoil: ({ cluster }) => (cluster.spec.deletionPolicy = "Purge"),
    problems: [`${DB} spec.purgeConfirmation`],
  },
  {
    reason: "Purge with the cluster's name is accepted",
    spoil: ({ cluster }) => {
      cluster.spec.deletionPolicy = "Purge";
      cluster.spec.purgeConfirmation = "main";
    },
  },
]);
