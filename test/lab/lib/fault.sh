# What breaks in the field, made to happen on purpose. Each takes effect at once and until it is taken back.

cut_host() { ip link set "$cable" down; }
heal_host() { ip link set "$cable" up; }

# The host's processes stop where they are; its kernel still answers for them, so that TCP connections stay open.
freeze_host() { set_frozen 1; }
thaw_host() { set_frozen 0; }

set_frozen() {
  host_is_on || die "$host is off"
  echo "$1" >"$cgroup/cgroup.freeze"
  wait_until 20 grep -q "^frozen $1" "$cgroup/cgroup.events" || die "$host did not change"
}

# Two hosts no longer hear each other, while both still hear everybody else. Recorded, so that a reboot does not end it.
partition_hosts() {
  local peer=$1
  [[ $peer != "$host" && -f $lab_dir/hosts/$peer/spec ]] || die "partition takes two hosts of this lab"
  echo "$host $peer" >>"$lab_dir/partitions"
  apply_partitions_of "$host" "$peer"
}

unpartition_hosts() {
  local peer=$1
  [[ -f $lab_dir/partitions ]] || return 0
  sed -i "/^$host $peer\$/d; /^$peer $host\$/d" "$lab_dir/partitions"
  apply_partitions_of "$host" "$peer"
}

apply_partitions_of() {
  local name
  for name in "$@"; do (load_host "$name" && apply_partitions); done
}

# Needs load_host. Writes the whole table each time, from what is recorded.
apply_partitions() {
  local peers=() one other
  [[ -e /run/netns/$netns ]] || return 0
  while read -r one other; do
    [[ $one != "$host" ]] || peers+=("$(address_of "$other")")
    [[ $other != "$host" ]] || peers+=("$(address_of "$one")")
  done < <(cat "$lab_dir/partitions" 2>/dev/null)
  {
    printf 'table ip partition\ndelete table ip partition\ntable ip partition {\n'
    printf 'chain input { type filter hook input priority 0;\n'
    ((${#peers[@]} == 0)) || printf 'ip saddr %s drop\n' "${peers[@]}"
    printf '}\nchain output { type filter hook output priority 0;\n'
    ((${#peers[@]} == 0)) || printf 'ip daddr %s drop\n' "${peers[@]}"
    printf '}\n}\n'
  } | ip netns exec "$netns" nft -f -
}

address_of() { (load_host "$1" && printf '%s' "$address"); }

# The volume is unplugged (or plugged in again) while the host is off; it then boots without it, because of `nofail`.
detach_volume() { change_volume touch "$host_dir/no-volume"; }
attach_volume() { change_volume rm -f "$host_dir/no-volume"; }

# A new, empty filesystem on the volume: another UUID, and another type if asked for.
format_volume() { change_volume format_data "${1:-xfs}"; }

change_volume() {
  ((volume_gib > 0)) || die "$host has no data volume"
  ! host_is_on || power_off
  "$@"
  boot_host
}
