/**
 * Perl for facts that talk over sockets: `dial(HOST, PORT)` gives a socket that does not block and how far it got:
 * open, pending, refused or filtered.
 *
 * Perl, because perl-base is on every Debian and Ubuntu (it is Essential) while curl and python3 may not be. The
 * numbers are Linux's own on every architecture they run on, written out because loading Socket and Fcntl for them
 * costs more than the rest of a look; only a name or an IPv6 address needs Socket.
 */
export const perlDial = String.raw`
sub place {
  my ($host, $port) = @_;
  return (2, pack("S n C4 x8", 2, $port, $1, $2, $3, $4)) if $host =~ /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/;
  require Socket;
  my ($error, $to) = Socket::getaddrinfo($host, $port, { socktype => 1 });
  return $to ? ($to->{family}, $to->{addr}) : ();
}
sub dial {
  my ($family, $address) = place(@_) or return (undef, "filtered");
  socket(my $socket, $family, 1, 0) or return (undef, "filtered");
  fcntl($socket, 4, 2048);
  return ($socket, connect($socket, $address) ? "open" : $! == 115 ? "pending" : verdict($!));
}
sub verdict { my $number = $_[0] + 0; return $number == 0 ? "open" : $number == 111 ? "refused" : "filtered" }
`;
