/** Programs that people are told to run. A message that names another one with an option is found all the same. */
const PROGRAMS =
  "patronictl|systemctl|journalctl|kubectl|helm|kustomize|docker|make|ssh|ssh-keygen|ssh-keyscan|ssh-copy-id" +
  "|apt|apt-get|dpkg|" +
  "dpkg-reconfigure|lsblk|findmnt|mount|umount|fuser|chmod|chown|curl|jq|sudo|psql|pg_controldata|pg_lsclust" +
  "ers|nft|iptables|ufw|" +
  "timedatectl|hostnamectl|sysctl|locale|localedef|locale-gen|getent|ss|ip|ps|du|df|sed|install|cat|rm|mv|cp" +
  "|dmesg|haproxy|pgbouncer|" +
  "usermod|puttygen|for f|echo|chsh|visudo|rsync|syncobj_admin|resolvectl|openssl|git|npm|source";

/** Words that are programs too, where a message is read rather than a document: English first. */
const ENGLISH: ReadonlySet<string> = new Set(
  "make|mount|install|source|locale|apt|ip|cat|haproxy|pgbouncer|helm|git|ss|ps|ssh|rm|mv|cp|du|df".split("|"),
);

const FOLLOWED = "(?= +[^\\s])";

/**
 * What a document shows to be typed: lines of code blocks and code spans that begin with a program, or with any word
 * that an option follows. Line ends within a span are spaces, comments go.
 */
export function commandsInDocument(text: string): readonly string[] {
  const fences = [...text.matchAll(/^```(?:sh|bash)?\n(.*?)^```$/gms)].flatMap(([, body = ""]) => linesOf(body));
  const prose = text.replaceAll(/^```.*?^```$/gms, "");
  const blocks = linesOf([...prose.matchAll(/(?:^ {4,}\S.*\n)+/gm)].map(([block]) => block).join("\n"));
  const spans = [...prose.replaceAll(/^ {4,}\S.*$/gm, "").matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  const begins = new RegExp(`^(?:(?:${PROGRAMS}|(?:bin/)?pgha|/\\S+)${FOLLOWED}|[a-z][a-z0-9_-]+ --?[a-z])`);
  return [...fences, ...blocks, ...spans]
    .map((line) => line.replaceAll(/\s+/g, " ").replace(/ #.*$/, "").replace(/ &$/, "").trim())
    .filter((line) => begins.test(line));
}

function linesOf(block: string): readonly string[] {
  return block
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.trim());
}

/**
 * What a source tells people to type and nothing covers: the rest of each text from where a program is named, or a word
 * that an option follows. `covers` gives how much of such a rest is known. What is filled in becomes VALUE.
 */
export function strangersInSource(text: string, covers: (rest: string) => number): readonly string[] {
  const named = new RegExp(
    `(?<![\\w./=-])(?:(?:${PROGRAMS}|pgha(?= [a-z]+ --?[a-z]))${FOLLOWED}|[a-z][\\w-]* --?[a-z])`,
    "g",
  );
  return textsIn(text).flatMap((line) => {
    let known = 0;
    return [...line.matchAll(named)].flatMap((match) => {
      const rest = line.slice(match.index);
      if (match.index < known || (ENGLISH.has(match[0]) && !/^[\w-]+ +--?[a-z]/.test(rest))) return [];
      const covered = covers(rest);
      known = match.index + covered;
      return covered === 0 ? [rest] : [];
    });
  });
}

/** The lines of all texts in a source. Comments and scripts for hosts are none. */
export function textsIn(source: string): readonly string[] {
  return [...source.matchAll(LITERAL)]
    .map(([literal]) => literal)
    .filter((literal) => /^["'`]/.test(literal))
    .flatMap((literal) =>
      valuesOut(literal.slice(1, -1))
        .replaceAll(String.raw`\n`, "\n")
        .split("\n"),
    );
}

/** Comments, and scripts for hosts, are matched in order to be passed over. */
const LITERAL =
  /\/\*[^]*?\*\/|\/\/[^\n]*|\b(?:sh|raw|String\.raw)`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;

/** Without what is filled in, braces within braces too. */
function valuesOut(literal: string): string {
  let before = "";
  let now = literal;
  while (before !== now) [before, now] = [now, now.replaceAll(/\$\{[^{}]*\}/g, "VALUE")];
  return now;
}
