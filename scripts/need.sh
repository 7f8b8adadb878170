# Sourced by scripts that install by apt what a bare Debian lacks, and say so.

# need PACKAGE...: installs what is missing and lets nothing of it start: this machine is not a server.
need() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -Wf '${Status}' "$package" 2>/dev/null) == *' installed' ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  [[ $EUID -eq 0 ]] || { echo "$0: install these, or run as root: ${missing[*]}" >&2; exit 1; }
  echo "installing by apt: ${missing[*]}"
  (
    policy=/usr/sbin/policy-rc.d
    cluster=/etc/postgresql-common/createcluster.d/pgha-test.conf
    if [[ ! -e $policy ]]; then
      trap 'rm -f "$policy" "$cluster"' EXIT
      install -m 0755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'
    else
      trap 'rm -f "$cluster"' EXIT
    fi
    install -D -m 0644 /dev/stdin "$cluster" <<<'create_main_cluster = false'
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -qq -y --no-install-recommends "${missing[@]}" ||
      { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; }
  ) </dev/null >/dev/null
}

# PySyncObj is fetched with it, by any Python that has it.
need_pip() { python3 -m pip --version >/dev/null 2>&1 || need python3-pip; }

# The API server is built once a machine, with the Go that its go.mod asks for or a newer one.
need_go() {
  local wanted oldest
  [[ -z ${KUBEBUILDER_ASSETS:-} ]] || return 0
  export PATH=$PATH:/usr/local/go/bin PGHA_GO_JOBS=${PGHA_GO_JOBS:-$(nproc)}
  command -v go >/dev/null || need golang-go ca-certificates
  wanted=go$(sed -n 's/^go //p' test/kube/tools/kubernetes/go.mod)
  oldest=$(printf '%s\n' "$wanted" "$(go env GOVERSION)" | sort -V | head -n 1)
  [[ $oldest == "$wanted" ]] || fetch_go "$wanted"
}

# Debian's Go is older, and before 1.21 cannot replace itself. But a release of Go is a module too, with its checksum in
# Go's public database, and any Go fetches that. Modules carry no executable bits.
fetch_go() {
  local module folder
  module=golang.org/toolchain@v0.0.1-$1.$(go env GOOS)-$(go env GOARCH)
  echo "fetching $1 from the Go module proxy: $(go env GOVERSION) is too old to build the API server"
  folder=$(GOFLAGS=-modcacherw go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  if [[ ! -f $folder/bin/go ]]; then
    echo "$0: $module could not be fetched; see https://go.dev/dl, or set KUBEBUILDER_ASSETS" >&2
    exit 1
  fi
  find "$folder/bin" "$folder/pkg/tool" -type f -exec chmod 0755 {} +
  unset GOROOT
  export PATH=$folder/bin:$PATH
}
