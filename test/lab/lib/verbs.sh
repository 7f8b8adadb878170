# The commands.

main() {
  local verb=${1:-help}
  shift || true
  case $verb in
    install) need_root && install_tools ;;
    up) need_root && check_lab_name && need_tools && with_lock "$state_root/$lab.lock" lab_up "$@" ;;
    down) need_root && lab_down "$@" ;;
    list) load_lab && list_hosts ;;
    ssh) load_lab && lab_ssh "$@" ;;
    exec) need_root && load_lab && load_host "$1" && enter_host "${@:2}" ;;
    crash) change_host power_cut "$@" ;;
    boot) change_host boot_host "$@" ;;
    reboot) change_host reboot_host "$@" ;;
    reset) need_root && load_lab && with_lock "$state_root/$lab.lock" lab_reset "$@" ;;
    base) need_root && need_tools && ensure_base "${1:-trixie}" ;;
    *) die "unknown command '$verb'" ;;
  esac
}

# change_host FUNCTION HOST [ARGUMENT...]
change_host() {
  need_root
  load_lab
  load_host "${2:-}"
  with_lock "$state_root/$lab.lock" "$1" "${@:3}"
}

lab_up() {
  local hosts='' release=trixie mode=field spec name
  while (($#)); do
    case $1 in
      --hosts) hosts=$2 && shift 2 ;;
      --os) release=$2 && shift 2 ;;
      --soft) mode=soft && shift ;;
      --hardened) mode=field && shift ;;
      *) die "unknown option '$1'" ;;
    esac
  done
  ensure_base "$release"
  mkdir -p "$lab_dir/hosts"
  claim_subnet
  printf 'subnet=%q\nssh_mode=%q\n' "$subnet" "$mode" >"$lab_dir/settings"
  load_lab
  make_lab_key
  raise_limits
  network_up
  ram_up
  for spec in $(expand_hosts "$hosts"); do define_host "$spec" "$release"; done
  each_host start_host
  write_known_hosts
  write_inventory
}

define_host() {
  local name=${1%%=*} place=${1#*=} release=$2
  [[ ! -d $lab_dir/hosts/$name ]] || return 0
  mkdir -p "$lab_dir/hosts/$name"
  printf 'octet=%q\nvolume_gib=%q\nos=%q\n' "${place%%:*}" "${place#*:}" "$release" >"$lab_dir/hosts/$name/spec"
}

# each_host FUNCTION: all hosts side by side; fails when one does.
each_host() {
  local name child children=() failed=0
  for name in $(host_names); do
    (load_host "$name" && "$@") &
    children+=($!)
  done
  for child in "${children[@]}"; do wait "$child" || failed=1; done
  ((failed == 0)) || die "not all hosts made it"
}

start_host() {
  ! host_is_on || return 0
  make_identity
  [[ -f $(root_image) ]] || make_disks
  boot_host
}

boot_host() {
  mountpoint -q "$host_dir/root" || attach_root
  furnish_host
  power_on
  wait_for_host
}

reboot_host() {
  power_off
  boot_host
}

scrap_host() {
  power_cut
  detach_root
  detach_data
  delete_disks
}

lab_reset() {
  each_host scrap_host
  each_host start_host
}

lab_down() {
  check_lab_name
  [[ -f $lab_dir/settings ]] || return 0
  load_lab
  with_lock "$state_root/$lab.lock" tear_down
}

tear_down() {
  each_host scrap_host
  ram_down
  network_down
  release_subnet
  rm -rf --one-file-system "$lab_dir"
}

lab_ssh() {
  load_host "$1"
  exec ssh -i "$lab_dir/id_ed25519" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile="$lab_dir/known_hosts" -o LogLevel=ERROR "root@$address" "${@:2}"
}
