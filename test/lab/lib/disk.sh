# Disks: each host has a root disk (the writable layer of its overlay) and, if it is a database host, a data volume.
# Both are XFS on sparse images. These lie in memory as long as there is plenty, where a sync costs a tenth of what it
# costs on disk: a host that installs its packages writes half a gigabyte.

disks_up() {
  mkdir -p "$lab_dir/disks"
  if ! mountpoint -q "$lab_dir/disks" && (($(available_mib) > 6144)); then
    mount -t tmpfs -o "size=$ram_disk_size,mode=700" "pgha-lab-$lab" "$lab_dir/disks"
  fi
  [[ -f $(blank_image) ]] || make_blank_image
}

available_mib() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo; }

disks_down() {
  ! mountpoint -q "$lab_dir/disks" || umount "$lab_dir/disks" 2>/dev/null || umount -l "$lab_dir/disks"
}

# Root disks are copies of one blank image, which is quicker to copy than to make: a new XFS is 64 MiB of zeroed log,
# here holes again.
blank_image() { printf '%s/disks/blank.img' "$lab_dir"; }

make_blank_image() {
  truncate -s 20G "$(blank_image)"
  mkfs.xfs -q "$(blank_image)"
  fallocate --dig-holes "$(blank_image)"
}

# Needs load_host, as all below do.
root_image() { printf '%s/disks/%s-root.img' "$lab_dir" "$host"; }
data_image() { printf '%s/disks/%s-data.img' "$lab_dir" "$host"; }

make_disks() {
  if ((volume_gib > 0)) && [[ -f $host_dir/data.img ]]; then
    cp --sparse=always "$host_dir/data.img" "$(data_image)"
  elif ((volume_gib > 0)); then
    format_data xfs
  fi
  cp --sparse=always "$(blank_image)" "$(root_image)"
}

format_data() {
  local type=$1
  [[ $type == xfs || $type == ext4 ]] || die "a volume is xfs or ext4, not '$type'"
  detach_data
  rm -f "$(data_image)"
  truncate -s "${volume_gib}G" "$(data_image)"
  "mkfs.$type" -q "$(data_image)"
}

delete_disks() { rm -f "$(root_image)" "$(data_image)"; }

# The host's root and root disk are mounted only in the mount namespace of its supervisor (see power.sh), and go with
# it: nothing to unmount after a power cut, and no other host's namespace holds a copy that would keep them busy.
mount_root() {
  mkdir -p "$host_dir/disk" "$host_dir/root"
  mount -o loop,nouuid,discard "$(root_image)" "$host_dir/disk"
  mkdir -p "$host_dir/disk/upper" "$host_dir/disk/work"
  mount -t overlay -o "lowerdir=$(root_layers),upperdir=$host_dir/disk/upper,workdir=$host_dir/disk/work" \
    "pgha-$host" "$host_dir/root"
}

root_is_released() { [[ -z $(losetup -n -O NAME -j "$(root_image)") ]]; }

# What a power cut does to disks: what was not synced is gone. The filesystems stop dead, log and all, and recover from
# what reached the disk when they are mounted again.
stop_disks_dead() {
  local supervisor=$1 leader=$2 volume
  [[ ! -d /proc/$supervisor ]] || xfs_io -x -c shutdown "/proc/$supervisor/root$host_dir/disk" || true
  volume=/proc/$leader/root$data_mount_path
  if [[ $(stat -f -c %T "$volume" 2>/dev/null) == xfs ]]; then xfs_io -x -c shutdown "$volume" || true; fi
}

# Prints the loop device of the data volume, making it when there is none.
attach_data() {
  local device
  device=$(losetup -n -O NAME -j "$(data_image)")
  [[ -n $device ]] || device=$(losetup --find --show "$(data_image)")
  printf '%s' "$device"
}

detach_data() {
  local device
  for device in $(losetup -n -O NAME -j "$(data_image)"); do losetup -d "$device"; done
}

# temporary: hosts started before the mounts were private
sweep_mounts() {
  local at
  for at in "$host_dir/root" "$host_dir/disk"; do
    ! grep -qF " $at " /proc/self/mountinfo || umount -c -l "$at"
  done
}
