/**
 * A program for perl: tells a PgBouncer to take no new clients (SIGTERM), at a moment at which nobody is in the middle
 * of logging in to it, since it would refuse him. Arguments: the path of its console's socket, its process, and after
 * how many seconds any moment will do. It speaks to the console itself, as the user who may: psql would be too late to
 * tell. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export const QUIET_MOMENT = String.raw`
use strict;
use IO::Socket::UNIX;
my ($path, $pid, $seconds) = @ARGV;
my ($console, $busy);
sub take {
  my ($count, $got) = (shift, "");
  while (length $got < $count) { sysread($console, $got, $count - length $got, length $got) or die "it went away\n" }
  return $got;
}
sub answered {
  for (;;) {
    my ($kind, $length) = unpack "aN", take(5);
    my $body = take($length - 4);
    my @fields = $kind eq "D" ? unpack("n/(N/a)", $body) : ();
    $busy = $fields[1] if @fields > 1 && $fields[0] eq "login_clients";
    return if $kind eq "Z";
  }
}
eval {
  local $SIG{ALRM} = sub { die "nobody answers\n" };
  alarm $seconds;
  $console = IO::Socket::UNIX->new(Peer => $path) or die "no console: $!\n";
  my $start = pack("N", 196608) . "user\0pgbouncer\0database\0pgbouncer\0\0";
  syswrite $console, pack("N", 4 + length $start) . $start;
  answered();
  for (;;) {
    $busy = 0;
    syswrite $console, pack("aNZ*", "Q", 15, "SHOW LISTS");
    answered();
    last unless $busy;
    select undef, undef, undef, 0.002;
  }
};
alarm 0;
kill "TERM", $pid;
`;
