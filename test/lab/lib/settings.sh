# Where things live, and the few words every other file says.

# PGHA_LAB names a lab, so that several can stand side by side, each in its own /24.
lab=${PGHA_LAB:-main}
state_root=${PGHA_LAB_STATE:-/var/lib/pgha-lab}
cache_root=${PGHA_LAB_CACHE:-/var/cache/pgha-lab}
mirror=${PGHA_LAB_MIRROR:-http://deb.debian.org}
lab_dir=$state_root/$lab
data_mount_path=/opt/keybuzz/postgres/data
# Bound by memory, not by this figure: images are sparse and take what their hosts wrote.
ram_disk_size=${PGHA_LAB_RAM:-10G}

say() { printf 'lab %s: %s\n' "$lab" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

need_root() { [[ $EUID -eq 0 ]] || die "needs root: hosts are made of mounts, namespaces and cgroups"; }

check_lab_name() {
  [[ $lab =~ ^[a-z0-9]{1,6}$ ]] || die "PGHA_LAB must be 1 to 6 letters or digits, not '$lab'"
}

# with_lock FILE COMMAND...: one at a time. The lock is not inherited by what COMMAND leaves running in the background,
# as long as that is started with `9>&-`.
with_lock() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  # Who held it may have removed the file, in which case the next one has made another.
  while
    exec 9>"$file"
    flock 9
    [[ ! $file -ef /proc/self/fd/9 ]]
  do :; done
  "$@"
  exec 9>&-
}
