# Base trees: a bare Debian as a person gets it from a cloud, made once per recipe and shared by all hosts as their
# lowest overlay layer. Nothing of PostgreSQL is in it: bringing that is the job of what is tested.

base_packages=systemd,systemd-sysv,dbus,openssh-server,python3,sudo,iproute2,ca-certificates,procps,udev,locales,curl

# Prints the directory of the base tree of OS, which need not exist yet. The recipe is part of the name, so a change of
# this file makes a new tree.
base_dir() {
  local os=$1 recipe
  recipe=$(cat "$lab_home/lib/base.sh" <(printf %s "$mirror") | sha256sum | cut -c1-12)
  printf '%s/base/%s-%s' "$cache_root" "$os" "$recipe"
}

ensure_base() {
  local os=$1
  [[ $os == trixie || $os == bookworm ]] || die "unknown OS '$os': trixie or bookworm"
  [[ -d $(base_dir "$os") ]] || with_lock "$cache_root/base-$os.lock" build_base "$os"
}

# A tree appears under its name only when it is whole: it is built beside it and renamed, so a build that crashed is
# never used, and the next one sweeps it.
build_base() {
  local os=$1 tree draft
  tree=$(base_dir "$os")
  [[ ! -d $tree ]] || return 0
  draft=$tree.draft
  rm -rf --one-file-system "$draft"
  mkdir -p "$draft"
  say "building the $os base tree, once (about a minute)"
  debootstrap --variant=minbase --include="$base_packages" "$os" "$draft" "$mirror/debian" \
    </dev/null >"$tree.log" 2>&1 9>&- || die "debootstrap failed, see $tree.log"
  furnish_base "$os" "$draft" >>"$tree.log" 2>&1 || die "the base tree could not be furnished, see $tree.log"
  mv -T "$draft" "$tree"
}

furnish_base() {
  local os=$1 tree=$2
  write_sources "$os" "$tree/etc/apt/sources.list"
  write_apt_settings "$tree/etc/apt/apt.conf.d/50lab"
  echo 'LANG=C.UTF-8' >"$tree/etc/default/locale"
  chroot "$tree" useradd --create-home --shell /bin/bash ops
  echo 'ops ALL=(ALL) NOPASSWD: ALL' >"$tree/etc/sudoers.d/ops"
  chmod 0440 "$tree/etc/sudoers.d/ops"
  # Identity is each host's own.
  rm -f "$tree"/etc/ssh/ssh_host_* "$tree/etc/hostname" "$tree/var/lib/dbus/machine-id"
  : >"$tree/etc/machine-id"
  mkdir -p "$tree/var/log/journal"
  mask_units "$tree"
  # Package lists come with the tree, parsed, so that a host need not fetch and read them before its first install.
  cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
  chroot "$tree" apt-get -q update </dev/null
  chroot "$tree" apt-get -q clean
  chroot "$tree" apt-cache gencaches
  # What systemd-update-done(8) leaves behind, where a release has it: no first boot after an update, no caches to make.
  touch -r "$tree/usr" "$tree/etc/.updated" "$tree/var/.updated"
}

# Masked is what has no meaning in a container and costs time at each boot, and what would take dpkg's lock at a moment
# of its own choice.
mask_units() {
  local unit
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer modprobe@.service \
    systemd-modules-load.service sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount; do
    ln -sf /dev/null "$1/etc/systemd/system/$unit"
  done
}

write_sources() {
  local os=$1
  cat >"$2" <<LIST
deb $mirror/debian $os main
deb $mirror/debian $os-updates main
deb $mirror/debian-security $os-security main
LIST
}

# The hosts' apt believes the mirror's dates exactly as far as this machine's apt does.
write_apt_settings() {
  local valid_until date_check
  eval "$(apt-config shell valid_until Acquire::Check-Valid-Until date_check Acquire::Check-Date)"
  cat >"$1" <<CONF
Acquire::Languages "none";
APT::Keep-Downloaded-Packages "false";
Acquire::Check-Valid-Until "${valid_until:-true}";
Acquire::Check-Date "${date_check:-true}";
CONF
}
