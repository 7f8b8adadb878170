# Disks: each host has a root disk (the writable layer of its overlay) and, if it is a database host, a data volume.
# Both are XFS on sparse images in memory, so a fresh host costs milliseconds and fsync next to nothing.

ram_up() {
  mkdir -p "$lab_dir/disks"
  mountpoint -q "$lab_dir/disks" ||
    mount -t tmpfs -o "size=$ram_disk_size,mode=700" "pgha-lab-$lab" "$lab_dir/disks"
}

ram_down() {
  [[ ! -d $lab_dir/disks ]] || umount -l "$lab_dir/disks" 2>/dev/null || true
}

# Needs load_host, as all below do.
root_image() { printf '%s/disks/%s-root.img' "$lab_dir" "$host"; }
data_image() { printf '%s/disks/%s-data.img' "$lab_dir" "$host"; }

make_disks() {
  make_image "$(root_image)" 20G
  if ((volume_gib > 0)); then make_image "$(data_image)" "${volume_gib}G"; fi
}

make_image() {
  rm -f "$1"
  truncate -s "$2" "$1"
  mkfs.xfs -q "$1"
}

delete_disks() { rm -f "$(root_image)" "$(data_image)"; }

attach_root() {
  local base layers
  mkdir -p "$host_dir/disk" "$host_dir/root"
  mount -o loop,nouuid "$(root_image)" "$host_dir/disk"
  mkdir -p "$host_dir/disk/upper" "$host_dir/disk/work"
  base=$(base_dir "$os")
  layers=$base
  [[ ! -d ${snapshot_layer:-} ]] || layers=$snapshot_layer:$base
  mount -t overlay -o "lowerdir=$layers,upperdir=$host_dir/disk/upper,workdir=$host_dir/disk/work" \
    "pgha-$host" "$host_dir/root"
}

detach_root() {
  local at
  for at in "$host_dir/root" "$host_dir/disk"; do
    [[ ! -d $at ]] || umount "$at" 2>/dev/null || umount -l "$at" 2>/dev/null || true
  done
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
