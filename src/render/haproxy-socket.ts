/** Perl: what stands in its last argument is said, and what comes back is printed. */
export const SOCKET_PROGRAM =
  `socket(S,1,1,0);connect(S,pack("S a108",1,shift))or die"$!\\n";syswrite S,"@ARGV\\n";` + "print while<S>";

/** A command line that says something to HAProxy's socket, with nothing but the perl that every Debian has. */
export function haproxySocketCommand(socket: string, commands: readonly string[]): string {
  return `perl -e '${SOCKET_PROGRAM}' ${socket} '${[...new Set(commands)].join("; ")}'`;
}
