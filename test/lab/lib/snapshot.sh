# A snapshot is what the hosts' disks hold: the written part of each root as one more overlay layer, shared and never
# written again, and a copy of each volume that holds anything. Hosts made from it start where it was taken, with an
# identity of their own.

snapshots_dir() { printf '%s/snapshots' "$cache_root"; }

check_snapshot_name() { [[ $1 =~ ^[A-Za-z0-9._-]{1,80}$ && $1 != .* ]] || die "bad snapshot name '$1'"; }

# Prints the directory of the snapshot; fails when there is none, or when a layer below it is gone.
find_snapshot() {
  local directory layer layers
  check_snapshot_name "$1"
  directory=$(readlink -e "$(snapshots_dir)/$1") || return 1
  for layers in "$directory"/*/layers; do
    for layer in $(tr ':' ' ' <"$layers"); do [[ -d $layer ]] || return 1; done
  done
  printf '%s' "$directory"
}

# Stops all hosts in good order, copies, and boots those that were on.
take_snapshot() {
  local name=$1 directory snapshot_into
  check_snapshot_name "$name"
  directory=$(snapshots_dir)/$name.$(date +%s%N)
  mkdir -p "$directory"
  snapshot_into=$directory
  on_hosts snapshot_host
  # The name moves to the new directory in one step; a lab that runs on the old one keeps it.
  ln -sfn "$(basename "$directory")" "$(snapshots_dir)/$name.new"
  mv -T "$(snapshots_dir)/$name.new" "$(snapshots_dir)/$name"
  drop_old_snapshots "$name"
}

snapshot_host() {
  local was_on=no
  if host_is_on; then was_on=yes && power_off; fi
  detach_data
  wait_until 20 root_is_released || die "the root disk of $host is still in use"
  unshare --mount --propagation private "$lab_home/lab" copy-host "$host" "$snapshot_into/$host"
  [[ $was_on == no ]] || boot_host
}

# In a mount namespace of its own.
copy_host() {
  local copy=$1
  mount_root
  mkdir -p "$copy"
  cp "$host_dir/spec" "$copy/spec"
  cp -a "$host_dir/disk/upper" "$copy/root"
  rm -rf "$copy"/root/var/log/journal/*
  printf '%s:%s\n' "$copy/root" "$(root_layers)" >"$copy/layers"
  if ((volume_gib > 0)) && data_is_used; then cp --sparse=always "$(data_image)" "$copy/data.img"; fi
}

# An empty volume is not worth a copy: a new one gets a UUID of its own.
data_is_used() {
  local at=$host_dir/volume used options=loop,ro
  [[ $(blkid -p -s TYPE -o value "$(data_image)") != xfs ]] || options+=,nouuid
  mkdir -p "$at"
  mount -o "$options" "$(data_image)" "$at"
  used=$(ls -A "$at")
  umount "$at"
  [[ -n $used ]]
}

drop_old_snapshots() {
  local name=$1 old current
  current=$(readlink -e "$(snapshots_dir)/$name")
  for old in "$(snapshots_dir)/$name".[0-9]*; do
    [[ $old == "$current" ]] || grep -qF "$old/" /proc/mounts "$state_root"/*/hosts/*/layers \
      "$(snapshots_dir)"/*/*/layers 2>/dev/null || rm -rf --one-file-system "$old"
  done
}

# Needs load_host. The layers below the host's own, uppermost first.
root_layers() {
  if [[ -f $host_dir/layers ]]; then cat "$host_dir/layers"; else base_dir "$os"; fi
}

# define_from DIRECTORY: defines the hosts of a snapshot.
define_from() {
  local spec name
  for spec in "$1"/*/spec; do
    name=$(basename "$(dirname "$spec")")
    [[ ! -d $lab_dir/hosts/$name ]] || die "host $name exists: a snapshot is for a lab that is down"
    mkdir -p "$lab_dir/hosts/$name"
    cp "$spec" "$lab_dir/hosts/$name/spec"
    cp "$1/$name/layers" "$lab_dir/hosts/$name/layers"
    [[ ! -f $1/$name/data.img ]] || ln -s "$1/$name/data.img" "$lab_dir/hosts/$name/data.img"
  done
}
