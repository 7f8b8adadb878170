# The power switch.

cgroup_mount() { findmnt -n -o TARGET -t cgroup2 | head -n 1; }

# Sets supervisor, the host's nspawn, and leader, its systemd, to their process ids on this machine; fails when the host
# is off. Builtins only: this is asked many times a second while hosts boot.
find_processes() {
  supervisor='' leader=''
  [[ -f $host_dir/pid ]] && read -r supervisor <"$host_dir/pid" && [[ -d /proc/$supervisor ]] || return 1
  # The list does not end in a newline, which `read` takes for a failure.
  read -r leader _ <"/proc/$supervisor/task/$supervisor/children" || [[ -n $leader ]]
} 2>/dev/null

host_is_on() { grep -qs '^populated 1' "$cgroup/cgroup.events"; }

# All hosts' root is this machine's root, so they share its allowance of inotify instances, of which each systemd takes
# a handful: the kernel's 128 are used up by a dozen hosts, whose services then fail one by one.
raise_limits() {
  local limit
  for limit in fs.inotify.max_user_instances=8192 fs.inotify.max_user_watches=1048576; do
    (($(sysctl -n "${limit%=*}") >= ${limit#*=})) || sysctl -q -w "$limit"
  done
}

boot_host() {
  ! host_is_on || die "$host is on"
  after_power_off
  wait_until 20 root_is_released || die "the root disk of $host is still in use"
  mkdir -p "$cgroup"
  plug_host
  apply_partitions
  setsid unshare --mount --propagation private "$lab_home/lab" run-host "$host" \
    </dev/null >"$host_dir/console.log" 2>&1 9>&- &
  echo $! >"$host_dir/pid"
  wait_for_host
}

# Becomes the supervisor of the host, in a mount namespace of its own. Each host gets a cgroup too: without one, all
# hosts' services would share /system.slice, and a host's systemd would wait for another's processes to end.
run_host() {
  local options=()
  echo $$ >"$cgroup/cgroup.procs"
  mount_root
  furnish_host
  if ((volume_gib > 0)) && [[ ! -e $host_dir/no-volume ]]; then options+=("--bind=$(attach_data):/dev/vdb"); fi
  # Docker keeps its layers in overlays of its own, which cannot be written on the one that is the root. On the same
  # disk, and no part of snapshots.
  mkdir -p "$host_dir/disk/docker"
  options+=("--bind=$host_dir/disk/docker:/var/lib/docker")
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --boot --directory="$host_dir/root" \
    --machine="$netns" --hostname="$host" --network-namespace-path="/run/netns/$netns" --register=no --keep-unit \
    --console=pipe --capability=all --system-call-filter="@keyring bpf" --resolv-conf=off --timezone=off \
    --link-journal=no "${options[@]}"
}

wait_for_host() {
  wait_until 120 host_is_ready_or_gone || die "$host did not answer on port 22 in time, see $host_dir/console.log"
  [[ -n $leader ]] || die "$host did not start: $(tail -n 3 "$host_dir/console.log")"
}

# sshd answers, and people other than root may log in; or the supervisor is gone.
host_is_ready_or_gone() {
  local root
  if ! find_processes; then
    [[ ! -d /proc/$supervisor ]]
    return
  fi
  root=/proc/$leader/root
  [[ -e $root/run/sshd.pid && ! -e $root/run/nologin ]] && ssh_answers
}

ssh_answers() {
  timeout 1 bash -c 'exec 3<>"/dev/tcp/$1/22" && read -r -t 1 line <&3 && [[ $line == SSH-2.0-* ]]' \
    ssh_answers "$address" 2>/dev/null
}

# A power cut. The cable goes first, so that no dying process can say goodbye to its peers; then the disks; then PID 1,
# and with it all of its host. (Not with cgroup.kill: a cgroup that was once killed so kills what is later started in
# it.)
power_cut() {
  ip link set "$cable" down 2>/dev/null || true
  if host_is_on; then
    find_processes || true
    stop_disks_dead "${supervisor:-none}" "${leader:-none}"
    kill -KILL ${supervisor:+"$supervisor"} ${leader:+"$leader"} 2>/dev/null || true
    wait_until 120 kill_rest || die "$host cannot be switched off"
  fi
  after_power_off
}

# Succeeds when there is nothing left to kill. What is left has lost its supervisor, by somebody else's hand.
kill_rest() {
  host_is_on || return 0
  find "$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null | xargs -r kill -KILL 2>/dev/null
  return 1
}

# An orderly shutdown, as if somebody pressed the power button: systemd(1) takes this signal as `systemctl poweroff`.
power_off() {
  find_processes || die "$host is off"
  kill -s RTMIN+4 "$leader"
  after_power_off
}

# Leaves a host that is off, or going down by itself, as if it had never been on, but for its disks.
after_power_off() {
  wait_until 120 host_is_off || die "$host is still running"
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

# Runs a command inside the host, past its sshd and its network.
enter_host() {
  find_processes || { say "$host is off" && exit 255; }
  nsenter --target "$leader" --mount --uts --ipc --net --pid --root --wd -- env -i \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LANG=C.UTF-8 "$@"
}
