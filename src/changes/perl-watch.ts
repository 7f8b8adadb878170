import { perlDial } from "../facts/perl-dial.ts";

/**
 * Perl for what waits on a host, since curl need not be on one of proxies. `now`: seconds of its uptime. `able`:
 * whether a handle can be read from (0) or written to (1) within so many seconds. `answers`: whether a REST API says
 * 200 to a path. `proxy`: what HAProxy says at `$socket` to commands, nothing where it does not answer. `hear`: notes
 * in `$heard` when the last sign of life came on standard input, and in `$gone` its end. `rest`: so many seconds.
 */
export const PERL_WATCH = String.raw`${perlDial}
our ($socket, $heard, $gone);
$SIG{PIPE} = "IGNORE";
sub now { open(my $f, "<", "/proc/uptime"); return (split(" ", <$f>))[0] }
sub able { my ($fh, $which, $seconds) = @_; my @v = ("", ""); vec($v[$which], fileno($fh), 1) = 1;
  return select($v[0], $v[1], undef, $seconds) > 0 }
sub answers {
  my ($host, $port, $path) = @_;
  my ($s, $state) = dial($host, $port);
  return 0 unless $state eq "open" || $state eq "pending";
  able($s, 1, 0.3) && syswrite($s, "OPTIONS $path HTTP/1.0\r\n\r\n") && able($s, 0, 0.5) or return 0;
  my $got = "";
  sysread($s, $got, 4096);
  return $got =~ m{^HTTP/1\.[01] 200};
}
sub proxy {
  my $said = "";
  eval {
    local $SIG{ALRM} = sub { die }; alarm 2;
    socket(my $s, 1, 1, 0) or die;
    connect($s, pack("S a108", 1, $socket)) or die;
    syswrite($s, join(";", @_) . "\n");
    while (sysread($s, my $part, 65536)) { $said .= $part }
  };
  alarm 0;
  return $said;
}
sub hear { while (!$gone && able(\*STDIN, 0, 0)) { sysread(STDIN, my $sign, 4096) ? ($heard = now()) : ($gone = 1) } }
sub rest { select(undef, undef, undef, $_[0]) }
`;
