import { PERL_WATCH } from "./perl-watch.ts";

/**
 * Perl: waits until a member leads, and clients of this host come to it. Its arguments: how long without a sign of life
 * on standard input, how long in all, in seconds; a command that writes as a client does, or nothing; address and port
 * of the member's REST API; HAProxy's socket, or nothing, its backend for writes, the member, and the other members.
 *
 * HAProxy is told what its own next checks would tell it, up to a second later
 * (https://docs.haproxy.org/3.0/management.html#9.3-set%20server). They go on, and have the last word.
 */
export const WAIT_FOR_LEADER = String.raw`${PERL_WATCH}
my ($lease, $most, $probe, $host, $port, $at, $backend, $to, $others) = @ARGV;
$socket = $at;
sub leadsThere {
  return 1 if $socket eq "";
  proxy("set server $backend/$to health up", map { "set server $backend/$_ health down" } split(" ", $others));
  my @up = map { my @c = split /,/; @c > 32 && $c[0] eq $backend && $c[32] eq "2" && $c[17] =~ /^UP/ ? $c[1] : () }
    split /\n/, proxy("show stat");
  return "@up" eq $to;
}
my ($began, $why) = (now(), "");
$heard = $began;
while (1) {
  hear();
  my $at = now();
  if ($at - $heard > $lease) { print STDERR "nobody renewed the lease for $lease s: clients go on\n"; exit 1 }
  if ($at - $began > $most) { print STDERR "after $most s $why: clients go on\n"; exit 1 }
  if (!answers($host, $port, "/primary")) { $why = "$to does not lead" }
  elsif (!leadsThere()) { $why = "HAProxy does not send writes to $to alone" }
  elsif ($probe ne "" && system("( $probe ) >/dev/null 2>&1") != 0) { $why = "no write goes through to $to" }
  else { exit 0 }
  rest(0.02);
}
`;
