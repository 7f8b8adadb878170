# Sourced by the demos: how they tell their story, and what they do alike with the lab's hosts.
# They set: PGHA_LAB, lab, lab_state, folder and role.

# shellcheck source=scripts/need.sh
source scripts/need.sh

# RUNTIME=container: everything runs in containers, from images that are made here once.
runtime=${RUNTIME:-systemd}

# Which lab a folder was made for: a new lab has a new key, and other hosts than those the folder knows.
marker=$folder/.made-for-lab

need_lab_tools() {
  run $lab install
  need_pip
}

boot_hosts() {
  title "Five hosts" "Three for databases, two for proxies: systemd, sshd and an own XFS volume each, and nothing of
PostgreSQL on them. The first time, Debian is fetched for them, which takes a minute."
  run $lab up
  run $lab list
}

made_for_these_hosts() { [[ -f $marker ]] && cmp -s "$marker" "$lab_state/id_ed25519.pub"; }

# VARIABLE: what names another folder.
new_folder() {
  [[ ! -e $folder || -f $marker ]] || die "$folder is there and not from this demo; set $1 to another folder"
  rm -rf --one-file-system "$folder"
  mkdir -p "$folder"
  cp "$lab_state/id_ed25519.pub" "$marker"
}

import_manifest() {
  title "Import" "An inventory becomes a manifest. Two other database hosts in it carry the same role and are not ours, so
which hosts form the cluster is said, not guessed. Host keys are asked for here; on real hosts, compare the fingerprints."
  local words=()
  if [[ $runtime == container ]]; then
    say "Images with HAProxy, PgBouncer, and PostgreSQL 16 with pgvector and Patroni are made once, as files: about three minutes."
    words=(--runtime container --postgres-version 16 --images "$(test/images/make)")
  fi
  run bin/pgha import "$lab_state/servers.tsv" --env prod --db db-master-01,db-slave-01,db-slave-02 \
    --proxies role=lb,subrole=internal-haproxy --name keybuzz-pg --roles keybuzz,n8n --databases keybuzz,n8n \
    --data-volume /opt/keybuzz/postgres/data:xfs --client-networks "$(lab_network)" \
    --scan-host-keys --ssh-key "$lab_state/id_ed25519" "${words[@]}" -o "$folder/pgha.yaml"
  say "An inventory knows nothing of extensions, so one line is edited by hand:"
  run sed -i 's/owner: keybuzz}/owner: keybuzz, extensions: [vector]}/' "$folder/pgha.yaml"
}

lab_network() { $lab list | awk 'NR == 1 {sub(/\.[0-9]+$/, ".0/24", $2); print $2}'; }

# HOST: its address.
lab_address() { $lab list | awk -v host="$1" '$1 == host {print $2}'; }

# HOST ADDRESS PORT STATEMENT...: as the role, on a lab host since psql is there; the password comes by standard input.
lab_psql() {
  local host=$1 words statement
  words=()
  [[ $runtime != container ]] || words=(docker exec -i --env PGPASSWORD pgha-pgbouncer)
  words+=(psql -X -q -v ON_ERROR_STOP=1 -h "$2" -p "$3" -U "$role" -d "$role")
  shift 3
  show "${words[@]}" '...' "  # on $host"
  for statement; do words+=(-c "$statement") && echo "    $statement"; done
  $lab ssh "$host" "IFS= read -r PGPASSWORD && export PGPASSWORD && ${words[*]@Q}"
}

need_root() { [[ $EUID -eq 0 ]] || die "the lab needs root (mounts, namespaces, apt): run it as root, or with sudo"; }

confirm() {
  [[ -t 0 && -t 1 ]] || return 0
  local answer
  read -r -p "$1 [Y/n] " answer
  [[ ${answer:-y} == [Yy]* ]] || exit 1
}

# The first comment of the script.
help_text() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

title() { printf '\n%s== %s%s\n%s\n\n' "$bold" "$1" "$plain" "$2"; }
say() { printf '\n%s\n' "$*"; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; }

run() {
  show "$@"
  "$@" || die "that did not work (exit code $?). Mend what it says, then run this again: it goes on from there."
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
