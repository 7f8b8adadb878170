# Which hosts a lab has, and what each is called.

# NAME=LAST_OCTET:VOLUME_GIB. Sizes differ as in the field; a host with no volume is a proxy.
field_hosts=(db-master-01=120:4 db-slave-01=121:3 db-slave-02=122:2 proxy-01=11:0 proxy-02=12:0)
subnet_file=/run/lock/pgha-lab.subnets

# Prints one NAME=OCTET:GIB per line for what a user asked: nothing, a count, or names split by commas, where a name
# that the field does not know says its own octet and volume (extra-01=130:1).
expand_hosts() {
  local asked=${1:-} known item
  if [[ -z $asked ]]; then
    printf '%s\n' "${field_hosts[@]}"
  elif [[ $asked =~ ^[0-9]+$ ]]; then
    ((asked >= 1 && asked <= ${#field_hosts[@]})) || die "--hosts takes 1 to ${#field_hosts[@]}, or names"
    printf '%s\n' "${field_hosts[@]:0:asked}"
  else
    for item in ${asked//,/ }; do
      for known in "${field_hosts[@]}"; do
        [[ ${known%%=*} != "$item" ]] || item=$known
      done
      [[ $item =~ ^[a-z][a-z0-9-]{0,40}=[0-9]{1,3}(:[0-9]+)?$ ]] ||
        die "host '$item' is not of the field: write it as name=octet:volumeGiB, such as extra-01=130:1"
      [[ $item == *:* ]] || item=$item:0
      printf '%s\n' "$item"
    done
  fi
}

host_names() {
  local spec
  for spec in "$lab_dir"/hosts/*/spec; do
    [[ ! -f $spec ]] || basename "$(dirname "$spec")"
  done
}

# Sets host, host_dir, octet, volume_gib, os, address, netns, cable, cgroup for the named host.
load_host() {
  host=$1
  host_dir=$lab_dir/hosts/$host
  [[ -f $host_dir/spec ]] || die "there is no host '$host'; there are: $(host_names | xargs)"
  # shellcheck source=/dev/null
  source "$host_dir/spec"
  address=$prefix.$octet
  netns=pgha-$lab-$host
  cable=pgha$subnet.$octet
  cgroup=$(cgroup_mount)/pgha-$lab-$host
}

# Sets subnet, prefix, bridge. The /24 of a lab is 10.77.SUBNET.0; `main` has 0, others the first free number.
load_lab() {
  check_lab_name
  [[ -f $lab_dir/settings ]] || die "this lab is not up"
  # shellcheck source=/dev/null
  source "$lab_dir/settings"
  prefix=10.77.$subnet
  bridge=pgha$subnet
}

# Beside the lab's own lock, hence another descriptor.
with_lock_on_subnets() {
  exec 8>"$subnet_file.lock"
  flock 8
  "$@"
  exec 8>&-
}

# Which lab holds which /24 is the machine's affair, whatever state directory a lab uses.
claim_subnet() {
  local taken number=1
  touch "$subnet_file"
  taken=$(awk -v lab="$lab" '$1 == lab { print $2 }' "$subnet_file")
  if [[ -z $taken ]]; then
    [[ $lab != main ]] || number=0
    while [[ $number -ne 0 ]] && awk -v n="$number" '$2 == n { found = 1 } END { exit !found }' "$subnet_file"; do
      number=$((number + 1))
    done
    ((number < 255)) || die "all subnets are taken, see $subnet_file"
    taken=$number
    echo "$lab $taken" >>"$subnet_file"
  fi
  subnet=$taken
}

release_subnet() {
  [[ ! -f $subnet_file ]] || sed -i "/^$lab /d" "$subnet_file"
}
