# What a user of these hosts would have: the field's inventory, known_hosts, an SSH key.

write_lists() {
  write_known_hosts
  write_inventory
}

write_inventory() {
  local name
  {
    inventory_row ENV IP_PUBLIQUE HOSTNAME IP_PRIVEE FQDN USER_SSH POOL ROLE SUBROLE DOCKER_STACK CORE NOTES
    for name in $(host_names); do
      load_host "$name"
      if ((volume_gib > 0)); then
        inventory_host "$host" "$octet" db-pool db postgres yes ''
      else
        inventory_host "$host" "$octet" lb-pool lb internal-haproxy yes 'HAProxy + PgBouncer'
      fi
    done
    # The field's traps: same role, other people's databases; and a load balancer that is no proxy of databases.
    # Nothing answers at these addresses.
    inventory_host temporal-db-01 230 temporal-pool db postgres no 'other stack, do not touch'
    inventory_host analytics-db-01 231 analytics-pool db postgres no 'other stack, do not touch'
    inventory_host lb-public-01 240 edge-pool lb public-lb yes 'web traffic only'
  } >"$lab_dir/servers.tsv"
}

inventory_host() {
  local name=$1 last=$2 pool=$3 role=$4 subrole=$5 core=$6 notes=$7
  inventory_row prod "198.51.100.$last" "$name" "$prefix.$last" "$name.lab.example" root "$pool" "$role" "$subrole" \
    '' "$core" "$notes"
}

inventory_row() {
  local IFS=$'\t'
  printf '%s\n' "$*"
}

write_known_hosts() {
  local name
  for name in $(host_names); do
    load_host "$name"
    printf '%s,%s %s\n' "$address" "$host" "$(cut -d ' ' -f 1,2 "$host_dir/identity/ssh_host_ed25519_key.pub")"
  done >"$lab_dir/known_hosts"
}

# name, address, state, host key: TAB separated.
list_hosts() {
  local name state
  for name in $(host_names); do
    load_host "$name"
    state=off
    if host_is_on; then state=on; fi
    printf '%s\t%s\t%s\t%s\n' "$host" "$address" "$state" \
      "$(cut -d ' ' -f 1,2 "$host_dir/identity/ssh_host_ed25519_key.pub")"
  done
}
