/**
 * What every command on a host finds in its environment, whatever the login brings along: no proxy, no PG*, no TMPDIR,
 * no locale that the host lacks. There is no home, so that nobody's .pgpass, .psqlrc, .curlrc or client certificate
 * counts.
 */
const CLEAN: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C.UTF-8",
};

/**
 * Shown as it is between single quotes by every shell that somebody may log in to, csh's history and fish's escapes
 * included.
 */
const SAFE_ANYWHERE = /^[^'!\\\n\0]*$/;

/**
 * A command line that means the same to every login shell (sh, bash, zsh, fish, csh, tcsh): it starts a program in the
 * clean environment, in the place of the login shell, as root where it is to become that. sudo brings an environment of
 * its own (PAM, env_keep), so it is made clean on both sides of it; and it may be set up to become somebody else than
 * root. Throws TypeError for words that would not mean the same everywhere.
 */
export function loginLine(words: readonly string[], become?: "sudo"): string {
  const clean = ["/usr/bin/env", "-i", ...Object.entries(CLEAN).map(([name, value]) => `${name}=${value}`)];
  const all = ["exec", ...clean, ...(become === "sudo" ? ["sudo", "-n", "-u", "root", "--", ...clean] : []), ...words];
  return all
    .map((word) => {
      if (!SAFE_ANYWHERE.test(word)) throw new TypeError(`not every login shell reads this as it stands: ${word}`);
      // Bare only where no shell sees anything in it, not even zsh, to which =word is a path.
      return /^[\w/-][\w=:,./-]*$/.test(word) ? word : `'${word}'`;
    })
    .join(" ");
}
