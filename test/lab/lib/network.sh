# One bridge per lab, one network namespace and one cable (veth pair, `host0` inside) per host.

# The blackhole comes before the bridge and is never removed: whenever the bridge is gone, a stray connection to a
# lab's address dies on this machine instead of leaving it.
network_up() {
  ip route replace blackhole "$prefix.0/24" metric 4096
  if ! ip link show "$bridge" >/dev/null 2>&1; then
    ip link add "$bridge" type bridge
    ip address add "$prefix.1/24" dev "$bridge"
  fi
  ip link set "$bridge" up
  sysctl -q -w net.ipv4.ip_forward=1
  guard_network
}

network_down() {
  ip link delete "$bridge" 2>/dev/null || true
  nft delete table ip "pgha_lab_$lab" 2>/dev/null || true
}

# Hosts may resolve names and fetch packages, nothing else: no other lab, no other port anywhere.
guard_network() {
  nft -f - <<NFT
table ip pgha_lab_$lab
delete table ip pgha_lab_$lab
table ip pgha_lab_$lab {
  chain forward {
    type filter hook forward priority 0;
    # Bridged traffic comes here too where br_netfilter is loaded.
    iifname "$bridge" oifname "$bridge" accept
    iifname != "$bridge" accept
    ip daddr 10.77.0.0/16 drop
    meta l4proto { tcp, udp } th dport 53 accept
    tcp dport { 80, 443 } accept
    ct state established,related accept
    drop
  }
  chain postrouting {
    type nat hook postrouting priority 100;
    ip saddr $prefix.0/24 ip daddr != $prefix.0/24 masquerade
  }
}
NFT
}

# Needs load_host. Gives the host its namespace, with the cable plugged in. A host keeps its hardware address over
# reboots: with a new one, its neighbours would send to the old one for most of a minute.
plug_host() {
  local hardware
  hardware=$(printf '02:77:00:%02x:00:%02x' "$subnet" "$octet")
  ip netns add "$netns"
  ip link add "$cable" type veth peer name host0 address "$hardware" netns "$netns"
  ip link set "$cable" master "$bridge" up
  ip -n "$netns" link set lo up
  ip -n "$netns" address add "$address/24" dev host0
  ip -n "$netns" link set host0 up
  ip -n "$netns" route add default via "$prefix.1"
}

unplug_host() {
  ip link delete "$cable" 2>/dev/null || true
  ip netns delete "$netns" 2>/dev/null || true
}
