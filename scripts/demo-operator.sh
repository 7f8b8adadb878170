# Sourced by scripts/demo-kube: the operator as a process of this machine, in place of a Pod.
# It sets: here and folder, one absolute; KUBECONFIG, with an admin's rights, before the operator is started.

# shellcheck source=test/lab/lib/wait.sh
source test/lab/lib/wait.sh

operator_process() {
  title "Run the operator" "In place of a Pod it is a process on this machine, and outlives this script. As a Pod would, it
has a token of the service account pgha-operator and so exactly the rights of its roles. It may log in to the lab's
hosts only."
  if operator_pid >/dev/null; then
    echo "It runs since an earlier run of this demo, as process $(operator_pid)."
  else
    give_token
    start_operator
  fi
  run kubectl --kubeconfig "$folder/operator.kubeconfig" auth whoami
  show kubectl --kubeconfig "$folder/operator.kubeconfig" auth can-i delete secrets --all-namespaces
  kubectl --kubeconfig "$folder/operator.kubeconfig" auth can-i delete secrets --all-namespaces || true
}

# The token is good for 30 days, and goes to a file of the owner's alone.
give_token() {
  local server authority token
  server=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
  authority=$(kubectl config view --minify --raw -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}')
  show kubectl create token pgha-operator -n pgha-system --duration=720h "  # into $folder/operator.kubeconfig"
  token=$(kubectl create token pgha-operator -n pgha-system --duration=720h) || die "there is no token to be had"
  (umask 077 && cat >"$folder/operator.kubeconfig") <<YAML
apiVersion: v1
kind: Config
current-context: operator
contexts: [{name: operator, context: {cluster: here, user: pgha-operator, namespace: pgha-system}}]
users: [{name: pgha-operator, user: {token: "$token"}}]
clusters: [{name: here, cluster: {server: "$server", certificate-authority-data: $authority}}]
YAML
}

# In a session of its own, which an interrupt here does not reach. The process writes its id before it becomes the
# operator, so that there is none without one.
start_operator() {
  local words=(bin/pgha operator --kubeconfig "$here/operator.kubeconfig" --allow-hosts "$(lab_network)" --bind 127.0.0.1 --port 0)
  show "${words[@]}" "2> $folder/operator.log &"
  # shellcheck disable=SC2016
  env -u KUBECONFIG setsid --fork bash -c 'echo $$ >"$1" && shift && exec "$@"' operator "$folder/operator.pid" "${words[@]}" \
    </dev/null >"$folder/operator.log" 2>&1
  wait_until 90 operator_answers || die "the operator does not come up: $(tail -n 5 "$folder/operator.log")"
  echo "It is process $(operator_pid), and ready; its log is $folder/operator.log."
}

operator_answers() { [[ -n $(operator_port) ]] && curl -fs -o /dev/null "http://127.0.0.1:$(operator_port)/readyz"; }

# Of the health server, as the log has it; empty until then.
operator_port() { sed -n 's/.*"message":"started".*"port":\([0-9]*\).*/\1/p' "$folder/operator.log" 2>/dev/null; }

# Fails where there is none. A number in the file may since belong to something else.
operator_pid() {
  local pid
  pid=$(cat "$folder/operator.pid" 2>/dev/null) || return 1
  grep -qsF "$here/operator.kubeconfig" "/proc/$pid/cmdline" && echo "$pid"
}

# Steps in hand are given ten seconds: what they change is thrown away next.
stop_operator() {
  local pid
  if pid=$(operator_pid); then
    kill -TERM "$pid" 2>/dev/null || true
    wait_until 10 operator_is_gone || kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$folder/operator.pid"
}

operator_is_gone() { ! operator_pid >/dev/null; }
