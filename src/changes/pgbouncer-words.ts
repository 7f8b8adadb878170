import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** What a log says of a refusal, without times and numbers of processes, then where that stands in a manifest. */
export const wordsOf: Command = sh`perl -ne ${String.raw`
next unless s/^.*?\b(ERROR|FATAL|WARNING)\b/$1/;
push @said, $_;
$names{$1} = 1 if /(?:unknown parameter: pgbouncer\/|for parameter )([a-z0-9_]+)/;
END {
  print @said > 6 ? @said[-6 .. -1] : @said;
  print "in the manifest: spec.parameters.$_ of the PgBouncerPool\n" for sort keys %names;
}`}`;
