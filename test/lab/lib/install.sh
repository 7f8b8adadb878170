# What the machine itself needs, by apt.

lab_packages=(debootstrap systemd-container nftables xfsprogs iproute2 openssh-client debian-archive-keyring
  util-linux mount procps)

install_tools() {
  local missing=() package
  for package in "${lab_packages[@]}"; do
    [[ $(dpkg-query -Wf '${Status}' "$package" 2>/dev/null) == *' installed' ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing by apt: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } </dev/null >&2
}

need_tools() {
  local tool
  for tool in debootstrap systemd-nspawn nft mkfs.xfs xfs_io ip ssh ssh-keygen nsenter losetup; do
    command -v "$tool" >/dev/null || die "$tool is missing: run '$lab_home/lab install'"
  done
}
