# What makes a host itself: name, machine-id, ssh host key. Kept outside its disks, so that a reset keeps it and a
# rebuild replaces it.

make_lab_key() {
  [[ -f $lab_dir/id_ed25519 ]] || ssh-keygen -q -t ed25519 -N '' -C "pgha-lab-$lab" -f "$lab_dir/id_ed25519"
}

make_identity() {
  local keys=$host_dir/identity
  [[ ! -d $keys ]] || return 0
  mkdir -p "$keys"
  ssh-keygen -q -t ed25519 -N '' -C "root@$host" -f "$keys/ssh_host_ed25519_key"
  tr -d - </proc/sys/kernel/random/uuid >"$keys/machine-id"
}

# Writes identity and the field's settings into the host's root, once per root disk and once per volume: later the
# files are the host's own.
furnish_host() {
  if [[ ! -e $host_dir/disk/furnished ]]; then
    furnish_root
    touch "$host_dir/disk/furnished"
  fi
  if ((volume_gib > 0)); then furnish_volume; fi
  sync --file-system "$host_dir/disk"
}

furnish_root() {
  local root=$host_dir/root home
  echo "$host" >"$root/etc/hostname"
  printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost\n' "$host" >"$root/etc/hosts"
  cp "$host_dir/identity/machine-id" "$root/etc/machine-id"
  cp "$host_dir"/identity/ssh_host_ed25519_key{,.pub} "$root/etc/ssh/"
  chmod 0600 "$root/etc/ssh/ssh_host_ed25519_key"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  for home in root home/ops; do
    mkdir -p "$root/$home/.ssh"
    cp "$lab_dir/id_ed25519.pub" "$root/$home/.ssh/authorized_keys"
    chmod -R go= "$root/$home/.ssh"
    chown -R --reference="$root/$home" "$root/$home/.ssh"
  done
  write_sshd_settings >"$root/etc/ssh/sshd_config.d/10-field.conf"
  write_apt_proxy >"$root/etc/apt/apt.conf.d/01proxy"
}

write_sshd_settings() {
  cat <<CONF
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding $([[ $ssh_mode == soft ]] && echo yes || echo no)
MaxSessions 4
ClientAliveInterval 300
UseDNS no
CONF
}

# The volume is mounted by the host itself, at boot, like a cloud volume with `nofail`. systemd ignores device lines of
# fstab inside a container, so the unit that its generator would have made is written out; the line stays for people
# and tools that read fstab.
furnish_volume() {
  local root=$host_dir/root unit uuid type options=discard
  uuid=$(blkid -p -s UUID -o value "$(data_image)")
  ! grep -qsF "$uuid" "$root/etc/fstab" || return 0
  type=$(blkid -p -s TYPE -o value "$(data_image)")
  # Two labs may run on copies of one volume.
  [[ $type != xfs ]] || options+=,nouuid
  unit=$(systemd-escape --path --suffix=mount "$data_mount_path")
  mkdir -p "$root$data_mount_path" "$root/etc/systemd/system/local-fs.target.wants"
  printf 'UUID=%s %s %s defaults,nofail 0 2\n' "$uuid" "$data_mount_path" "$type" >"$root/etc/fstab"
  cat >"$root/etc/systemd/system/$unit" <<UNIT
[Unit]
Description=Data volume
Before=local-fs.target

[Mount]
What=/dev/vdb
Where=$data_mount_path
Type=$type
Options=$options

[Install]
WantedBy=local-fs.target
UNIT
  ln -sf "../$unit" "$root/etc/systemd/system/local-fs.target.wants/$unit"
}
