import { sh } from "../shell/command.ts";
import { hasProcesses } from "./systemd/control-group.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { perlDial } from "./perl-dial.ts";
import type { ReachFact } from "./types.ts";

export interface ReachQuestion {
  readonly targets: readonly { readonly address: string; readonly port: number }[];
  /** While this unit has processes nothing is dialled and the answer is empty: then there is better evidence. */
  readonly skipWhenActive?: string;
}

/** Dials every target from the host, all at once, for 2 s. */
export function reachFact({ targets, skipWhenActive }: ReachQuestion): Fact<readonly ReachFact[]> {
  if (targets.length === 0) {
    return { command: sh`true`, parse: () => [] };
  }
  const dial = sh`perl -e ${program} -- ${targets.flatMap(({ address, port }) => [address, port])}`;
  const command =
    skipWhenActive === undefined ? dial : sh`if ${hasProcesses(skipWhenActive)}; then echo skipped; else ${dial}; fi`;
  return { command, parse: (output) => parse(output, targets) };
}

/** Prints `NUMBER RESULT` as each dial comes to an end; what is not printed got no answer. */
const program = String.raw`${perlDial}
my (@fh, %open, $late); my $n = 0; $| = 1;
$SIG{ALRM} = sub { $late = 1 }; alarm 2;
while (my ($host, $port) = splice(@ARGV, 0, 2)) {
  my $i = $n++;
  ($fh[$i], my $state) = dial($host, $port);
  if ($state eq "pending") { $open{$i} = 1 } else { print "$i $state\n" }
}
while (%open && !$late) {
  my $w = "";
  vec($w, fileno($fh[$_]), 1) = 1 for keys %open;
  next if select(undef, $w, undef, 0.2) <= 0;
  for my $i (keys %open) {
    next unless vec($w, fileno($fh[$i]), 1);
    delete $open{$i};
    print "$i ", verdict(unpack("i", getsockopt($fh[$i], 1, 4))), "\n";
  }
}
`;

function parse({ stdout }: FactOutput, targets: ReachQuestion["targets"]): readonly ReachFact[] {
  if (stdout.startsWith("skipped")) {
    return [];
  }
  const results = new Map(
    stdout.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
  );
  return targets.map(({ address, port }, index) => {
    const result = results.get(String(index));
    return { address, port, result: result === "open" || result === "refused" ? result : "filtered" };
  });
}
