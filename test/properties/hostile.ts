import fc from "fast-check";
import { anyCharacter } from "./any-character.ts";

/** Pieces that mean something to a shell, YAML, ini files, HAProxy, systemd, pg_hba.conf, SQL or psql. */
const PIECES = [
  "'", '"', "`", "\\", "$", "%", "#", ";", ":", "=", ",", "*", "{", "}", "[", "]", "(", ")", "<", ">", "|", "&", "!", "?", "@", "~", "^",
  " ", "\t", "\n", "\r", "\0", "\u0085", "\u2028", "\ufeff", "\ud800",
  "$(id)", "${HOME}", "..", "../../etc/passwd", "--", "/*", "\\gexec", "\\!", ":'x'", ":\"x\"", ":x", "%include /etc/passwd", "%h", "%%", "\n[pgbouncer]\n",
  "\nhost all all all trust", "' ; DROP ROLE postgres; --", '"; DROP ROLE postgres; --', "\n    server evil 6.6.6.6:5432", "\nExecStartPre=/bin/false", "- ", ": ", " #", "&a ", "*a", "!!python/object/apply:os.system",
  "yes", "off", "null", "~", "012", "1:30", "0x1f", "1e3", "é", "日本", "😀", "postgres", "a", "Z", "0", "_", "-", ".",
];

/** Strings made to break out of whatever they are put into. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: anyCharacter, maxLength: 80 }) },
);
