# The power switch.

cgroup_mount() { findmnt -n -o TARGET -t cgroup2 | head -n 1; }

# Prints the process id, on this machine, of the host's systemd; fails when the host is off.
host_leader() {
  local supervisor
  supervisor=$(cat "$host_dir/pid" 2>/dev/null) || return 1
  pgrep -P "$supervisor" | head -n 1 | grep .
}

host_is_on() { grep -qs '^populated 1' "$cgroup/cgroup.events"; }

# All hosts' root is this machine's root, so they share its allowance of inotify instances, of which each systemd takes
# a handful: the kernel's 128 are used up by a dozen hosts, whose services then fail one by one.
raise_limits() {
  local limit
  for limit in fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=1048576; do
    (($(sysctl -n "${limit%=*}") >= ${limit#*=})) || sysctl -q -w "$limit"
  done
}

# Each host gets a cgroup of its own: without one, all hosts' services would share /system.slice, and a host's systemd
# would wait for another's processes to end.
power_on() {
  host_is_on && die "$host is already on"
  mkdir -p "$cgroup"
  plug_host
  local options=()
  if ((volume_gib > 0)) && [[ ! -e $host_dir/no-volume ]]; then options+=("--bind=$(attach_data):/dev/vdb"); fi
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 setsid bash -c '
    echo $$ >"$1/cgroup.procs" && echo $$ >"$2/pid" && shift 2 && exec "$@"' start "$cgroup" "$host_dir" \
    systemd-nspawn --quiet --boot --directory="$host_dir/root" --machine="$netns" --hostname="$host" \
    --network-namespace-path="/run/netns/$netns" --register=no --keep-unit --console=pipe --capability=all \
    --system-call-filter="@keyring bpf" --resolv-conf=off --timezone=off --link-journal=no "${options[@]}" \
    </dev/null >"$host_dir/console.log" 2>&1 9>&- &
}

ssh_answers() {
  timeout 1 bash -c 'exec 3<>"/dev/tcp/$1/22" && read -r -t 1 line <&3 && [[ $line == SSH-2.0-* ]]' \
    ssh_answers "$address" 2>/dev/null
}

wait_for_host() {
  wait_until 60 ssh_answers || die "$host did not answer on port 22 in time, see $host_dir/console.log"
}

# A power cut: the cable goes first, so that no dying process can say goodbye to its peers. Killing PID 1 kills all of
# its host. (Not with cgroup.kill: a cgroup that was once killed so kills what its systemd later starts.)
power_cut() {
  local leader
  ip link set "$cable" down 2>/dev/null || true
  if host_is_on; then
    leader=$(host_leader || true)
    kill -KILL "$(cat "$host_dir/pid")" ${leader:+"$leader"} 2>/dev/null || true
  fi
  after_power_off
}

after_power_off() {
  wait_until 60 host_is_off || die "$host is still running"
  wait_until 20 remove_cgroup || die "the cgroup of $host could not be removed"
  unplug_host
  rm -f "$host_dir/pid"
}

host_is_off() { ! host_is_on; }

# nspawn makes the same path in the v1 hierarchy of a hybrid machine.
remove_cgroup() {
  local place left=0
  for place in /sys/fs/cgroup/*/"$(basename "$cgroup")" "$cgroup"; do
    [[ ! -d $place ]] || find "$place" -depth -type d -exec rmdir {} + 2>/dev/null
    [[ ! -d $place ]] || left=1
  done
  return "$left"
}

# An orderly shutdown, from inside.
power_off() {
  enter_host systemctl poweroff
  after_power_off
}

# Runs a command inside the host, past its sshd and its network.
enter_host() {
  local leader
  leader=$(host_leader) || die "$host is off"
  nsenter --target "$leader" --mount --uts --ipc --net --pid --root --wd -- env -i \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LANG=C.UTF-8 "$@"
}
