import { PERL_WATCH } from "./perl-watch.ts";

/**
 * Perl: has HAProxy send new readers past a member, for as long as that is worked on
 * (https://docs.haproxy.org/3.0/management.html#9.3-set%20server). Its arguments: what to do, HAProxy's socket, its
 * backend for reads, the member, the file of the lease, and
 *
 * - for `begin` HAProxy's process, how long it goes on without a sign of life, and how long sessions may take, in
 *   seconds: notes in the lease that the member is drained, drains it, and waits until its sessions ended. Where
 *   somebody holds it already, or no other could serve its readers, nothing is drained.
 * - for `hold` how long it goes on without a sign of life, and address and port of the member's REST API: waits until
 *   then, and until the member serves, or HAProxy knows that it is down; then readers come again, and it is over once
 *   HAProxy has it up. One that leads now is told to be down: until its next check HAProxy would send it readers, and
 *   then cut them.
 * - for `end` nothing more: ends what the lease names.
 *
 * What a person did since stays: maintenance takes the place of a drain, and is not ended.
 */
export const DRAIN_SERVER = String.raw`${PERL_WATCH}
(my $act, $socket, my ($backend, $member, $lease, @more)) = @ARGV;
my ($MAINT, $DRAIN, $STOPPED, $UP) = (1, 8, 0, 2);
$| = 1;
sub states {
  map { my @c = split / /; @c > 6 && $c[1] eq $backend ? ($c[3] => { op => $c[5], admin => $c[6] }) : () }
    split /\n/, proxy("show servers state $backend");
}
sub sessions {
  for (split /\n/, proxy("show stat")) {
    my @c = split /,/;
    return $c[4] if @c > 32 && $c[0] eq $backend && $c[1] eq $member;
  }
  return 0;
}
sub noted { open(my $f, "<", $lease) or return (); return split " ", <$f> // "" }
sub note { open(my $f, ">", $lease) or die "$lease: $!\n"; print $f $_[0]; close $f or die "$lease: $!\n" }
sub end {
  my (undef, $noted) = noted();
  return 1 unless defined $noted;
  my %s = states() or return 0;
  my $s = $s{$noted};
  if ($s && $s->{admin} & $DRAIN && !($s->{admin} & $MAINT)) {
    proxy("set server $backend/$noted state ready");
    %s = states();
    return 0 if !$s{$noted} || $s{$noted}{admin} & $DRAIN;
  }
  note("");
  return 1;
}
sub ended { for (1 .. 25) { return 1 if end(); rest(0.2) } return 0 }
if ($act eq "end") { exit(ended() ? 0 : 1) }
if ($act eq "begin") {
  my ($pid, $sign, $seconds) = @more;
  my (%s, $others);
  for (1 .. 25) {
    %s = states();
    $others = grep { $_ ne $member && $s{$_}{op} == $UP && !($s{$_}{admin} & ($MAINT | $DRAIN)) } keys %s;
    last if $others || !$s{$member} || $s{$member}{op} == $STOPPED;
    rest(0.2);
  }
  exit 0 if !$others || !$s{$member} || $s{$member}{admin} & ($MAINT | $DRAIN);
  note(join(" ", $pid, $member, getppid()) . "\n");
  proxy("set server $backend/$member state drain");
  my $began = $heard = now();
  while (sessions() > 0 && now() - $began < $seconds) {
    hear();
    if ($gone || now() - $heard > $sign) { print STDERR "nobody waits any more for $member to be drained\n"; exit 1 }
    rest(0.05);
  }
  exit 0;
}
my ($sign, $host, $port) = @more;
$heard = now();
hear(), rest(0.05) until $gone || now() - $heard > $sign;
my ($over, $well) = (now(), undef);
while (now() - $over < 20) {
  my $serves = answers($host, $port, "/replica");
  $well = $serves ? $well // now() : undef;
  my %s = states() or exit 0;
  my $s = $s{$member} or exit 0;
  if (noted()) {
    my $back = defined $well && now() - $well >= 1;
    if ($back || $s->{op} == $STOPPED) { end() }
    elsif (answers($host, $port, "/primary")) { proxy("set server $backend/$member health down") }
  }
  elsif ($s->{admin} & ($MAINT | $DRAIN)) { exit 0 }
  elsif (!$serves) { exit 0 if answers($host, $port, "/primary") }
  elsif ($s->{op} == $UP) { exit 0 }
  else { proxy("set server $backend/$member health up") }
  rest(0.1);
}
exit(ended() ? 0 : 1);
`;
