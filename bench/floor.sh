#!/usr/bin/env bash
# The floor: the same stack, installed by hand as a competent administrator would script it. One ssh connection a host,
# all hosts side by side, nothing checked, nothing explained, good for one first run on bare hosts.
#
# floor.sh FOLDER: the folder holds `settings` (who the hosts are) and files/HOST/ (configuration, ready made).
set -euo pipefail
cd "$1"
# db_hosts, proxy_hosts, packages_db, packages_proxy, pysyncobj_path, mount_path, data_directory, raft_directory,
# rest_port, login_host, login_port, login_user, login_database
# shellcheck source=/dev/null
source ./settings

on() {
  local host=$1
  shift
  ssh -i id_ed25519 -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=known_hosts \
    -o ControlMaster=auto -o ControlPersist=60 -o "ControlPath=$PWD/mux-%h" -o LogLevel=ERROR "root@$host" "$@"
}

push() {
  tar -C "files/$1" -cz . | on "$1" 'umask 077 && mkdir -p /root/floor && tar -xz -C /root/floor'
}

# The side by side of everything: one function, all hosts, wait for each.
everywhere() {
  local step=$1 host children=() child
  shift
  for host in "$@"; do
    "$step" "$host" &
    children+=($!)
  done
  for child in "${children[@]}"; do wait "$child"; done
}

install_database_host() {
  push "$1"
  on "$1" bash -s <<SCRIPT
set -e
cd /root/floor
export DEBIAN_FRONTEND=noninteractive
install -D -m 644 createcluster.conf /etc/postgresql-common/createcluster.d/pgha.conf
apt-get install -qq -y --no-install-recommends $packages_db </dev/null >/dev/null
systemctl mask --now --quiet postgresql
mkdir -p $pysyncobj_path
tar -xzf pysyncobj.tar.gz -C $pysyncobj_path --no-same-owner
install -d -o postgres -g postgres $mount_path
install -d -o postgres -g postgres -m 700 $data_directory $raft_directory
install -D -m 644 patroni-drop-in.conf /etc/systemd/system/patroni.service.d/pgha.conf
install -o postgres -g postgres -m 600 patroni.yml /etc/patroni/config.yml
systemctl daemon-reload
systemctl enable --quiet --now patroni
SCRIPT
}

install_proxy_host() {
  push "$1"
  on "$1" bash -s <<SCRIPT
set -e
cd /root/floor
export DEBIAN_FRONTEND=noninteractive
systemctl mask --quiet haproxy pgbouncer
apt-get install -qq -y --no-install-recommends $packages_proxy </dev/null >/dev/null
install -d /etc/pgha/haproxy
install -d -o postgres -g postgres -m 750 /etc/pgha/pgbouncer
install -o root -g haproxy -m 640 haproxy.cfg /etc/pgha/haproxy/haproxy.cfg
install -o postgres -g postgres -m 640 pgbouncer.ini /etc/pgha/pgbouncer/pgbouncer.ini
install -o postgres -g postgres -m 600 userlist.txt /etc/pgha/pgbouncer/userlist.txt
install -m 644 pgha-haproxy.service pgha-pgbouncer.service /etc/systemd/system/
systemctl daemon-reload
systemctl enable --quiet --now pgha-haproxy pgha-pgbouncer
SCRIPT
}

install_host() {
  case " ${db_hosts[*]} " in
    *" $1 "*) install_database_host "$1" ;;
    *) install_proxy_host "$1" ;;
  esac
}

everywhere install_host "${db_hosts[@]}" "${proxy_hosts[@]}"

leader=''
until [[ -n $leader ]]; do
  for host in "${db_hosts[@]}"; do
    if curl -fs -m 1 -o /dev/null "http://$host:$rest_port/primary"; then leader=$host && break; fi
  done
  [[ -n $leader ]] || sleep 0.2
done

on "$leader" "runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 -f -" <databases.sql

on "$leader" "until [ \"\$(runuser -u postgres -- psql -XAtc \"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'\")\" = $((${#db_hosts[@]} - 1)) ]; do sleep 0.2; done"

# One client's login through pooler and proxy.
for _ in {1..300}; do
  if on "$login_host" "PGPASSFILE=/root/floor/pgpass psql -XAtw -h $login_host -p $login_port -U $login_user -d $login_database -c 'SELECT 1'" >/dev/null 2>&1; then
    logged_in=yes
    break
  fi
  sleep 0.2
done
for host in "${db_hosts[@]}" "${proxy_hosts[@]}"; do on "$host" -O exit 2>/dev/null || true; done
[[ ${logged_in:-no} == yes ]]
