import { dataDirectoryOf } from "../../api/index.ts";
import { readHbaLine } from "../../api/hba/line.ts";
import { withoutSecrets } from "../../api/hba/options.ts";
import { keyOfLine, keyOfRule, ruleInWords } from "../../api/hba/rule.ts";
import type { HbaFileRule } from "../../api/hba/rule.ts";
import type { HbaFact } from "../../facts/hba-rules.ts";
import { oncePer } from "../../keep-last.ts";
import { noticing } from "../../plan/notices.ts";
import type { Blocker, Step } from "../../plan/plan.ts";
import { sha256 } from "../../render/digest.ts";
import { PATRONI_DIGEST_TAG } from "../../render/patroni-yml.ts";
import type { DesiredCluster, DesiredMember } from "./desire.ts";
import { hbaNotices } from "./hba-notices.ts";
import type { ClusterLooks } from "./observe.ts";

interface Found {
  readonly steps: readonly Step[];
  readonly blockers: readonly Blocker[];
}

/**
 * The rules by which each PostgreSQL lets clients in, against those of the spec. Patroni wrote the file when it loaded
 * its own configuration, and looks at it no more: a line that a person adds lets people in until the next restart.
 * While Patroni has another configuration to load, it is about to write the file. What PostgreSQL itself refuses of the
 * spec is left to people.
 */
export function planHba(desired: DesiredCluster, looks: ClusterLooks): Found {
  const found = desired.members.map((member): Found => {
    const look = looks.get(member.name);
    const hba = look?.seen === true ? look.facts.sql?.hba : undefined;
    if (look?.seen !== true || hba === undefined) return NOTHING;
    if (look.facts.patroni.member?.tags[PATRONI_DIGEST_TAG] !== member.service.loadedMark) return NOTHING;
    return planMember(desired, member, hba);
  });
  return { steps: found.flatMap(({ steps }) => steps), blockers: found.flatMap(({ blockers }) => blockers) };
}

const NOTHING: Found = { steps: [], blockers: [] };

function planMember(desired: DesiredCluster, member: DesiredMember, hba: HbaFact): Found {
  const { cluster, name } = desired.resolved;
  const dataDirectory = dataDirectoryOf(cluster);
  const base = { resource: name, host: member.name };
  if (hba.file !== `${dataDirectory}/pg_hba.conf`)
    return {
      ...NOTHING,
      blockers: [
        {
          ...base,
          scope: "disruptive",
          reason: "AccessRulesElsewhere",
          why: `PostgreSQL goes by ${hba.file} and not by ${dataDirectory}/pg_hba.conf, where the spec's rules are`,
          wayOut:
            "Take hba_file out of the configuration that sets it (ALTER SYSTEM RESET hba_file); a " +
            "restart of PostgreSQL takes the file back",
        },
      ],
    };
  const wanted = wantedBy(desired).get(member.name) ?? [];
  const refused = hba.rules.flatMap((rule) => {
    const line = isUnread(rule) ? wanted.find(({ digest }) => digest === rule.digest)?.line : undefined;
    return line === undefined ? [] : [{ line, error: rule.error }];
  });
  const because = difference(wanted, hba);
  return {
    steps:
      because === undefined
        ? []
        : [
            {
              ...base,
              id: `${member.name}/${name}/pg_hba.conf`,
              stage: "settle",
              ...noticing("reload", hbaNotices(member.hba, cluster.spec.postgresql.version, hba)),
              change: { kind: "restore-hba", dataDirectory, lines: member.hba },
              because,
              // Who may log in waits for nothing, and a rule that is missing may be why a replica does not stream.
              mends: true,
            },
          ],
    blockers: refused.map(({ line, error }) => ({
      ...base,
      scope: "disruptive",
      reason: "AccessRuleRefused",
      why: `PostgreSQL does not take the line ${withoutSecrets(line)} (${error}), and would not start with it`,
      wayOut: "Correct it in spec.postgresql.additionalHba",
    })),
  };
}

interface WantedRule {
  readonly line: string;
  /** What PostgreSQL shows of it, and the digest of the line where it shows nothing. */
  readonly key: string;
  readonly digest: string;
}

/** By member. The same at every look, as long as nothing else is wanted. */
const wantedBy = oncePer(
  ({ members, resolved }: DesiredCluster): ReadonlyMap<string, readonly WantedRule[]> =>
    new Map(
      members.map(({ name, hba }) => [
        name,
        hba.map((line) => wantedRule(line, resolved.cluster.spec.postgresql.version)),
      ]),
    ),
);

function wantedRule(line: string, version: number): WantedRule {
  const read = readHbaLine(line, version);
  return {
    line,
    key: "fault" in read ? "" : keyOfLine(read.line),
    digest: sha256(line),
  };
}

/** PostgreSQL made no rule of it. One that only can't match at present (TLS is off) is a rule all the same. */
function isUnread({ type, error }: HbaFileRule): boolean {
  return error !== "" && type === "";
}

function difference(wanted: readonly WantedRule[], { rules, taken, loaded, unreadable }: HbaFact): string | undefined {
  if (unreadable !== undefined) return `PostgreSQL cannot read it (${unreadable}), and would not start`;
  // Each rule is put into words once: there are as many comparisons as rules times rules.
  const found = rules.map((rule) => ({ rule, key: isUnread(rule) ? undefined : keyOfRule(rule) }));
  const isWanted = ({ rule, key }: (typeof found)[number], line: WantedRule): boolean =>
    key === undefined ? rule.digest === line.digest : key === line.key;
  const strangers = found.filter((one) => !wanted.some((line) => isWanted(one, line))).map(({ rule }) => rule);
  const broken = strangers.find(isUnread);
  if (broken !== undefined)
    return `PostgreSQL refuses line ${broken.line} of it (${broken.error}), and would not start with it`;
  if (strangers.length > 0)
    return (
      "it has rules that the spec does not ask for: " +
      `${strangers.slice(0, 3).map(ruleInWords).join("; ")}` +
      `${strangers.length > 3 ? ` and ${strangers.length - 3} more` : ""}`
    );
  // PostgreSQL shows what it finds there now, which may be nothing, or what is wanted; another time it is something
  // else.
  if (taken.length > 0)
    return (
      "it takes in other files, which may let in anybody: " +
      `${taken.slice(0, 3).join("; ")}${taken.length > 3 ? ` and ${taken.length - 3} more` : ""}`
    );
  const missing = wanted.filter((line) => !found.some((one) => isWanted(one, line))).length;
  if (missing > 0) return `${missing} of its rules ${missing === 1 ? "is" : "are"} missing`;
  if (found.length !== wanted.length || found.some((one, index) => !isWanted(one, wanted[index] ?? NO_RULE)))
    return "its rules stand in another order, and the first that matches decides";
  return loaded ? undefined : "PostgreSQL has not loaded it since it was written";
}

const NO_RULE: WantedRule = { line: "", key: "", digest: "" };
