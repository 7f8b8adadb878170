# The commands: argv in, one of the other files' functions out.

main() {
  local verb=${1:-help}
  shift || true
  case $verb in
    help | --help | -h) cat "$lab_home/lib/help.txt" && return ;;
  esac
  check_lab_name
  need_root
  case $verb in
    install) install_tools ;;
    base) need_tools && ensure_base "${1:-trixie}" ;;
    up) need_tools && with_lab_lock lab_up "$@" ;;
    down) lab_down "$@" ;;
    has-snapshot) find_snapshot "${1:-}" >/dev/null ;;
    *) load_lab && run_verb "$verb" "$@" ;;
  esac
}

# The commands for a lab that is up.
run_verb() {
  local verb=$1
  shift
  case $verb in
    list) list_hosts ;;
    wait) on_hosts wait_for_host "$@" ;;
    ssh) load_host "${1:-}" && lab_ssh "${@:2}" ;;
    exec) load_host "${1:-}" && enter_host "${@:2}" ;;
    crash) on_hosts power_cut "$@" ;;
    boot) on_hosts boot_host "$@" ;;
    poweroff) on_hosts power_off "$@" ;;
    reboot) on_hosts reboot_host "$@" ;;
    cut) on_hosts cut_host "$@" ;;
    heal) on_hosts heal_host "$@" ;;
    freeze) on_hosts freeze_host "$@" ;;
    thaw) on_hosts thaw_host "$@" ;;
    detach-volume) on_hosts detach_volume "$@" ;;
    attach-volume) on_hosts attach_volume "$@" ;;
    format-volume) load_host "${1:-}" && with_host_lock format_volume "${2:-xfs}" ;;
    partition) load_host "${1:-}" && with_lab_lock partition_hosts "${2:-}" ;;
    unpartition) load_host "${1:-}" && with_lab_lock unpartition_hosts "${2:-}" ;;
    add-host) with_lab_lock add_host "$@" ;;
    rebuild) with_lab_lock rebuild_host "${1:-}" ;;
    reset) with_lab_lock lab_reset ;;
    snapshot) with_lab_lock take_snapshot "${1:-}" ;;
    run-host) load_host "$1" && run_host ;;
    copy-host) load_host "$1" && copy_host "$2" ;;
    *) die "unknown command '$verb', see '$0 help'" ;;
  esac
}

with_lab_lock() { with_lock "$state_root/$lab.lock" "$@"; }
with_host_lock() { with_lock "$host_dir/lock" "$@"; }

# on_hosts FUNCTION HOST...: the named hosts side by side, or all of them when none is named; fails when one does.
on_hosts() {
  local task=$1 name child children=() failed=0
  shift
  (($#)) || mapfile -t names < <(host_names)
  (($# == 0)) || names=("$@")
  for name in "${names[@]}"; do
    (load_host "$name" && with_host_lock "$task") &
    children+=($!)
  done
  for child in "${children[@]}"; do wait "$child" || failed=1; done
  return "$failed"
}

lab_up() {
  local hosts='' release=trixie mode=field from='' snapshot spec
  while (($#)); do
    case $1 in
      --hosts) hosts=${2:?} && shift 2 ;;
      --os) release=${2:?} && shift 2 ;;
      --from) from=${2:?} && shift 2 ;;
      --soft) mode=soft && shift ;;
      --hardened) mode=field && shift ;;
      *) die "unknown option '$1'" ;;
    esac
  done
  if [[ -n $from ]]; then
    snapshot=$(find_snapshot "$from") || die "there is no usable snapshot '$from'"
    [[ -z $hosts ]] || die "--from brings its own hosts; add others with add-host"
  else
    ensure_base "$release"
  fi
  prepare_lab "$mode"
  if [[ -n $from ]]; then define_from "$snapshot"; else define_hosts "$hosts" "$release"; fi
  on_hosts start_host
  write_lists
}

# Everything but the hosts.
prepare_lab() {
  local mode=$1
  mkdir -p "$lab_dir/hosts"
  with_lock_on_subnets claim_subnet
  printf 'subnet=%q\nssh_mode=%q\n' "$subnet" "$mode" >"$lab_dir/settings"
  load_lab
  make_lab_key
  raise_limits
  network_up
  disks_up
  packages_up
}

define_hosts() {
  local specs spec
  specs=$(expand_hosts "$1")
  for spec in $specs; do define_host "$spec" "$2"; done
}

define_host() {
  local name=${1%%=*} place=${1#*=} release=$2
  [[ ! -d $lab_dir/hosts/$name ]] || return 0
  mkdir -p "$lab_dir/hosts/$name"
  printf 'octet=%q\nvolume_gib=%q\nos=%q\n' "${place%%:*}" "${place#*:}" "$release" >"$lab_dir/hosts/$name/spec"
}

start_host() {
  if host_is_on; then
    if find_processes; then return; fi
    power_cut
  fi
  make_identity
  [[ -f $(root_image) ]] || make_disks
  boot_host
}

reboot_host() {
  power_off
  boot_host
}

add_host() {
  local spec release=${2:-trixie}
  spec=$(expand_hosts "${1:?add-host NAME=OCTET:VOLUME_GIB [OS]}")
  ensure_base "$release"
  define_host "$spec" "$release"
  on_hosts start_host "${spec%%=*}"
  write_lists
}

# The same name and address, another machine: empty disks, new machine-id, new host key.
rebuild_host() {
  load_host "$1"
  scrap_host
  rm -rf "$host_dir/identity" "$host_dir/layers" "$host_dir/data.img" "$host_dir/no-volume"
  start_host
  write_lists
}

lab_reset() {
  on_hosts scrap_host
  rm -f "$lab_dir/partitions" "$lab_dir"/hosts/*/no-volume
  on_hosts start_host
}

scrap_host() {
  power_cut
  sweep_mounts
  detach_data
  delete_disks
}

lab_down() {
  if [[ ${1:-} == --all ]]; then
    for lab_dir in "$state_root"/*/; do
      lab=$(basename "$lab_dir")
      PGHA_LAB=$lab "$0" down
    done
  elif [[ -f $lab_dir/settings ]]; then
    load_lab
    with_lab_lock tear_down
  fi
}

# Also after a run that died half-way: what is not there is passed over.
tear_down() {
  on_hosts scrap_host
  packages_down
  disks_down
  network_down
  with_lock_on_subnets release_subnet
  rm -rf --one-file-system "$lab_dir"
  rm -f "$state_root/$lab.lock"
}

lab_ssh() {
  exec ssh -i "$lab_dir/id_ed25519" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes \
    -o UserKnownHostsFile="$lab_dir/known_hosts" -o LogLevel=ERROR "root@$address" "$@"
}
