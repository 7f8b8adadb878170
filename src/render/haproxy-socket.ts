/** A command line that says something to HAProxy's socket, with nothing but the perl that every Debian has. */
export function haproxySocketCommand(socket: string, commands: readonly string[]): string {
  const program = `socket(S,1,1,0);connect(S,pack("S a108",1,shift))or die"$!\\n";syswrite S,"@ARGV\\n";print while<S>`;
  return `perl -e '${program}' ${socket} '${[...new Set(commands)].join("; ")}'`;
}
