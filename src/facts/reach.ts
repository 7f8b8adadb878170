import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import type { ReachFact } from "./types.ts";

export interface ReachQuestion {
  readonly targets: readonly { readonly address: string; readonly port: number }[];
  /** While this unit is active nothing is dialled and the answer is empty: then there is better evidence. */
  readonly skipWhenActive?: string;
}

/** Dials every target from the host, all at once, for 2 s. */
export function reachFact({ targets, skipWhenActive }: ReachQuestion): Fact<readonly ReachFact[]> {
  if (targets.length === 0) {
    return { command: sh`true`, parse: () => [] };
  }
  const dial = sh`perl -e ${program} -- ${targets.flatMap(({ address, port }) => [address, port])}`;
  const command = skipWhenActive === undefined ? dial : sh`if systemctl --quiet is-active -- ${skipWhenActive}; then echo skipped; else ${dial}; fi`;
  return { command, parse: (output) => parse(output, targets) };
}

/** Prints `NUMBER RESULT` as each dial comes to an end. In Perl: one process for all of them, on every Debian. */
const program = String.raw`
use Socket qw(:all); use IO::Handle; $| = 1;
my (@fh, %open, $late); my $n = 0;
$SIG{ALRM} = sub { $late = 1 }; alarm 2;
while (my ($host, $port) = splice(@ARGV, 0, 2)) {
  my $i = $n++;
  my ($e, $to) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
  next if $e || !$to;
  socket($fh[$i], $to->{family}, SOCK_STREAM, 0) or next;
  $fh[$i]->blocking(0);
  if (connect($fh[$i], $to->{addr})) { print "$i open\n" }
  elsif ($!{EINPROGRESS}) { $open{$i} = 1 }
  elsif ($!{ECONNREFUSED}) { print "$i refused\n" }
}
while (%open && !$late) {
  my $w = "";
  vec($w, fileno($fh[$_]), 1) = 1 for keys %open;
  select(undef, $w, undef, 0.2) > 0 or next;
  for my $i (keys %open) {
    next unless vec($w, fileno($fh[$i]), 1);
    delete $open{$i};
    $! = unpack("i", getsockopt($fh[$i], SOL_SOCKET, SO_ERROR));
    print $! == 0 ? "$i open\n" : $!{ECONNREFUSED} ? "$i refused\n" : "$i filtered\n";
  }
}
`;

function parse({ stdout }: FactOutput, targets: ReachQuestion["targets"]): readonly ReachFact[] {
  if (stdout.startsWith("skipped")) {
    return [];
  }
  const results = new Map(stdout.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
  return targets.map(({ address, port }, index) => {
    const result = results.get(String(index));
    return { address, port, result: result === "open" || result === "refused" ? result : "filtered" };
  });
}
