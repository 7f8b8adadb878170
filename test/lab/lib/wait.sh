# Sourced by the lab, and by what uses it.

# wait_until SECONDS COMMAND...: polls until COMMAND succeeds; fails at the deadline.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}
