import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { perlDial } from "./perl-dial.ts";

/**
 * Several GETs to one HTTP server at once, 2 s in all, printed one answer a line in the order asked:
 * `STATUS BODY`, with line ends in the body turned into blanks (JSON does not mind), or `000` for no answer.
 * HTTP/1.0, so that no answer is chunked or kept open.
 */
export function httpGets(address: string, port: number, paths: readonly string[]): Command {
  return sh`perl -e ${program} -- ${address} ${port} ${paths}`;
}

const program = String.raw`${perlDial}
my ($host, $port, @paths) = @ARGV;
my (@fh, @got, %open, $late);
$SIG{PIPE} = "IGNORE"; $SIG{ALRM} = sub { $late = 1 }; alarm 2;
for my $i (0 .. $#paths) {
  my ($socket, $state) = dial($host, $port);
  $got[$i] = "";
  $fh[$i] = $socket;
  $open{$i} = "GET $paths[$i] HTTP/1.0\r\nHost: $host:$port\r\n\r\n" if $state eq "open" || $state eq "pending";
}
while (%open && !$late) {
  my ($r, $w) = ("", "");
  for (keys %open) { vec(length $open{$_} ? $w : $r, fileno($fh[$_]), 1) = 1 }
  next if select($r, $w, undef, 0.2) <= 0;
  for my $i (keys %open) {
    my $n = fileno($fh[$i]);
    if (vec($w, $n, 1)) {
      my $sent = syswrite($fh[$i], $open{$i});
      if (defined $sent) { substr($open{$i}, 0, $sent, "") } else { delete $open{$i} }
    } elsif (vec($r, $n, 1)) {
      my $read = sysread($fh[$i], $got[$i], 65536, length $got[$i]);
      delete $open{$i} if !$read || length $got[$i] > 4_000_000;
    }
  }
}
for my $i (0 .. $#paths) {
  my ($status, $body) = !exists $open{$i} && $got[$i] =~ m{^HTTP/1\.[01] (\d{3}).*?\r\n\r\n(.*)}s
    ? ($1, $2) : ("000", "");
  $body =~ tr/\r\n/  /;
  print "$status $body\n";
}
`;

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Reads what httpGets printed; undefined for each request that got no answer. */
export function readHttpAnswers(stdout: string): readonly (HttpAnswer | undefined)[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const status = Number(line.slice(0, 3));
      return Number.isInteger(status) && status > 0 ? { status, body: line.slice(4) } : undefined;
    });
}
