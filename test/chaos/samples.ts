/** What a host says of itself, in one go; what is missing it did not say. */
export interface Sample {
  /** When, in milliseconds of this process. */
  readonly atMs: number;
  readonly facts: Readonly<Record<string, string>>;
}

const byHand = (of: string, file: string): string => `echo "edited_${of} $(grep -c 'by hand' ${file} 2>/dev/null)"`;

/**
 * Asks a member for ever: a line a fact, and a dot when all is said. It reads its own address first, and what it has to
 * ask is given to psql on its standard input.
 */
export const MEMBER_SCRIPT = `
address=$(hostname -I | tr ' ' '\\n' | grep '^10[.]77' | head -n 1)
as_postgres='setpriv --reuid postgres --regid postgres --init-groups --'
while :; do
  echo "active $(systemctl is-active patroni)"
  ${byHand("patroni", "/etc/patroni/config.yml")}
  echo "rest $(curl -s -m 1 http://$address:8008/patroni | tr -d '\\n')"
  cd /; timeout 2 $as_postgres psql -X -A -t -q -F ' ' -h /var/run/postgresql -d postgres -f - 2>/dev/null <<'SQL'
SELECT 'recovery', pg_is_in_recovery();
SELECT 'system', system_identifier FROM pg_control_system();
SELECT 'work_mem', current_setting('work_mem');
SELECT 'max_connections', current_setting('max_connections');
SELECT 'synchronous', count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum');
SELECT 'receives', status FROM pg_stat_wal_receiver;
SELECT 'roles', string_agg(rolname, ',') FROM pg_roles;
SELECT 'databases', string_agg(datname, ',') FROM pg_database;
SQL
  echo .
  sleep 0.7
done`;

/** The same for a proxy host; user, password and database of a client come first, a line each. */
export const PROXY_SCRIPT = `
read -r PGUSER; read -r PGPASSWORD; read -r PGDATABASE
export PGUSER PGPASSWORD PGDATABASE PGCONNECT_TIMEOUT=2
address=$(hostname -I | tr ' ' '\\n' | grep '^10[.]77' | head -n 1)
ask='alarm 2; my $s = IO::Socket::UNIX->new(Peer => shift) or exit; print $s "show info;show stat\\n"; print <$s>'
console='setpriv --reuid postgres --regid postgres --init-groups -- psql -X -A -t -q -F , -U pgbouncer -d pgbouncer'
while :; do
  echo "haproxy $(systemctl is-active pgha-haproxy)"
  echo "pgbouncer $(systemctl is-active pgha-pgbouncer)"
  ${byHand("haproxy", "/etc/pgha/haproxy/haproxy.cfg")}
  ${byHand("pgbouncer", "/etc/pgha/pgbouncer/pgbouncer.ini")}
  perl -MIO::Socket::UNIX -e "$ask" /run/pgha-haproxy/admin.sock 2>/dev/null | awk -F '[:,]' '
    /^Maxconn:/ { print "maxconn", $2 + 0 }
    $1 == "postgres_write" && $2 !~ /END/ && $18 ~ /^UP/ { up = up $2 " " }
    END { print "writes", up }'
  timeout 2 $console -h /run/pgha-pgbouncer -p 6432 -c 'SHOW CONFIG' 2>/dev/null |
    awk -F , '$1 == "default_pool_size" { print $1, $2 }'
  echo "client $(timeout 3 psql -X -A -t -q -w -h $address -p 6432 -c 'SELECT pg_is_in_recovery()' 2>&1 | head -n 1)"
  echo .
  sleep 0.7
done`;

/** Reads what the scripts say, as it comes in. */
export class SampleReader {
  readonly #take: (facts: Readonly<Record<string, string>>) => void;
  #facts: Record<string, string> = {};

  constructor(take: (facts: Readonly<Record<string, string>>) => void) {
    this.#take = take;
  }

  line(line: string): void {
    if (line === ".") {
      this.#take(this.#facts);
      this.#facts = {};
      return;
    }
    const space = line.indexOf(" ");
    if (space > 0) this.#facts[line.slice(0, space)] = line.slice(space + 1).trim();
  }
}
