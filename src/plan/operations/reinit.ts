import type { BrokenMember } from "../broken-members.ts";

/** What comes next of making copies anew, by what is seen and what was recorded, and by nothing else. */
export interface NextReinit {
  /** Whose copy is to be made anew. */
  readonly member: (BrokenMember & { readonly copy: string }) | undefined;
  /** Whose copy pgha leaves alone, and why, in words that go on from its name; undefined where it is not let. */
  readonly refused: readonly { readonly member: BrokenMember; readonly why: string | undefined }[];
}

/**
 * One at a time: who was begun with, while its copy is the one that was to go; as long as it does not stream, nobody
 * else. Whose new copy is of no use either is not given another, since what is wrong there is not the data.
 */
export function nextReinit(
  broken: readonly BrokenMember[],
  {
    begun,
    isAllowed,
  }: {
    readonly begun: { readonly member: string; readonly copy: string; readonly since: string } | undefined;
    readonly isAllowed: boolean;
  },
): NextReinit {
  const judged = broken.map((member) => ({ member, why: member.whyKept ?? isAgain(member, begun) }));
  const kept = judged.filter(({ why }) => why !== undefined);
  if (!isAllowed) return { member: undefined, refused: judged };
  const free = judged.flatMap(({ member, why }) =>
    why === undefined && member.copy !== undefined ? [{ ...member, copy: member.copy }] : [],
  );
  const member = begun === undefined ? free[0] : free.find(({ name }) => name === begun.member);
  return { member, refused: kept };
}

function isAgain(
  { name, copy }: BrokenMember,
  begun: { readonly member: string; readonly copy: string; readonly since: string } | undefined,
): string | undefined {
  return begun?.member === name && begun.copy !== copy
    ? `was copied anew already (${begun.since}), and it is not the data that is wrong there`
    : undefined;
}
