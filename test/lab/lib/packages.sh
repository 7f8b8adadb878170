# The caching proxy between the hosts' apt and Debian's mirror: a package crosses the network once, ever.

package_port=3142

packages_up() {
  local node=${PGHA_NODE:-$lab_home/../../node_modules/.bin/node} pid
  ! packages_running || return 0
  [[ -x $node ]] || die "$node is missing: run 'npm ci' first"
  use_machine_proxy
  NODE_USE_ENV_PROXY=1 setsid "$node" "$lab_home/packages/main.ts" \
    "$prefix.1" "$package_port" "$mirror" "$cache_root/packages" </dev/null >"$lab_dir/packages.log" 2>&1 9>&- &
  pid=$!
  echo "$pid" >"$lab_dir/packages.pid"
  wait_until 20 packages_answer || die "the package proxy does not answer, see $lab_dir/packages.log"
}

packages_down() {
  ! packages_running || kill "$(cat "$lab_dir/packages.pid")"
  rm -f "$lab_dir/packages.pid"
}

# A process id may have been given to another process since.
packages_running() {
  local pid
  pid=$(cat "$lab_dir/packages.pid" 2>/dev/null) &&
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "packages/main.ts $prefix.1 "
}

packages_answer() { bash -c 'exec 3<>"/dev/tcp/$1/$2"' packages_answer "$prefix.1" "$package_port" 2>/dev/null; }

# What apt needs on this machine to reach the mirror, the lab's tools need too.
use_machine_proxy() {
  local proxy=''
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  if [[ -n $proxy && $proxy != DIRECT ]]; then export http_proxy=${http_proxy:-$proxy}; fi
}

write_apt_proxy() {
  local mirror_host=${mirror#*://}
  printf 'Acquire::http::Proxy::%s "http://%s:%s";\n' "${mirror_host%%/*}" "$prefix.1" "$package_port"
}
