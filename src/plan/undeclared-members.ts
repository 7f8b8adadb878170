import { PATRONI } from "../desired/services.ts";
import { ADDRESS_KEPT } from "../api/index.ts";
import type { ClusterMemberFact } from "../facts/types.ts";
import type { FactsOf, MembersWish } from "./member-facts.ts";
import { blocker } from "./member-facts.ts";
import { forgetWords } from "./forget-words.ts";
import type { Blocker } from "./plan.ts";
import { votersInWords } from "./voters.ts";
import type { Voters } from "./voters.ts";

/**
 * Somebody whom the DCS or Patroni counts as a member, or who was one when pgha last looked, and whom the spec does not
 * list.
 */
export interface UndeclaredMember {
  /** Its name where it is known, else its node of the DCS. */
  readonly name: string;
  readonly address: string | undefined;
  /** Whether the DCS counts its vote; undefined while that is not known. */
  readonly votes: boolean | undefined;
  readonly connected: boolean;
  /** As Patroni shows it; undefined when it does not. */
  readonly member: ClusterMemberFact | undefined;
  /** Whether pgha set it up. */
  readonly recorded: boolean;
}

export function undeclaredMembers(
  wish: MembersWish,
  facts: FactsOf,
  voters: Voters | undefined,
  leader: string | undefined,
): readonly UndeclaredMember[] {
  const left = new Map(wish.left.map((host) => [host.name, host]));
  const shown = shownMembers(wish, facts, leader);
  const names = new Set([
    ...left.keys(),
    ...shown.filter((member) => !isDeclared(wish, member)).map(({ name }) => name),
  ]);
  const known = [...names].map((name) => {
    const member = shown.find((candidate) => candidate.name === name);
    return { name, member, address: left.get(name)?.address ?? member?.address, recorded: left.has(name) };
  });
  const taken = new Set([...wish.members, ...known].flatMap(({ address }) => address ?? []));
  const strangers = (voters?.nodes ?? [])
    .filter((node) => ![...taken].some((address) => wish.dcs.nodeAt(address) === node.address))
    .map((node) => ({
      name: node.address,
      member: undefined,
      address: wish.dcs.addressOf(node.address),
      recorded: false,
    }));
  return [...known, ...strangers]
    .map((each): UndeclaredMember => {
      const vote = voters?.nodes.find((node) => node.address === wish.dcs.nodeAt(each.address ?? ""));
      const isKnown = each.address !== undefined && (vote !== undefined || voters?.certain === true);
      return { ...each, votes: isKnown ? vote !== undefined : undefined, connected: vote?.connected ?? false };
    })
    .filter((each) => each.recorded || !isOut(each));
}

/** One for all of them: they leave one after the other, and what it means for the quorum is said once. */
export function undeclaredBlockers(
  wish: MembersWish,
  undeclared: readonly UndeclaredMember[],
  voters: Voters | undefined,
  living: string | undefined,
): readonly Blocker[] {
  if (undeclared.length === 0) return [];
  const each = undeclared.map((member) => `${labelOf(member)} ${whatItDoes(member)}`).join("; ");
  const numbers = voters === undefined ? "how many vote is not known" : votersInWords(voters);
  return [
    blocker(
      wish,
      undefined,
      "MemberUndeclared",
      `spec.hosts does not list every member: ${each}. ${numbers}${moved(wish, undeclared)}`,
      wayOut(wish, undeclared, living ?? wish.members[0]?.name ?? ""),
    ),
  ];
}

/** One that is listed at another address. */
function moved({ members }: MembersWish, undeclared: readonly UndeclaredMember[]): string {
  const found = undeclared.flatMap(({ name }) => members.find((member) => member.name === name) ?? []);
  return found.map(({ name, address }) => `. ${name} is listed at ${address}, but ${ADDRESS_KEPT}`).join("");
}

/**
 * Whether it may be forgotten: nothing counts on it any more, and that is known. Patroni shows who stopped for a while
 * yet.
 */
export function isOut({ votes, member }: UndeclaredMember): boolean {
  return votes === false && (member === undefined || member.state === "stopped");
}

/** The member that leads although no list has it. */
export function undeclaredLeader(undeclared: readonly UndeclaredMember[]): UndeclaredMember | undefined {
  return undeclared.find(({ member }) => member?.role === "primary" && member.state === "running");
}

export function whatItDoes(undeclared: UndeclaredMember): string {
  const { member, votes, connected } = undeclared;
  const does = [
    ...(member === undefined
      ? []
      : [member.role === "primary" ? "leads" : `is a member (${member.role}, ${member.state})`]),
    ...(votes === true
      ? [connected ? "votes" : "keeps its vote although it does not answer (switched off, or cut off)"]
      : []),
  ];
  if (does.length > 0) return does.join(" and ");
  return votes === false ? "was set up by pgha; it votes no more" : "was set up by pgha; whether it votes is not known";
}

function labelOf({ name, address }: UndeclaredMember): string {
  return address === undefined || name.startsWith(`${address}:`) ? name : `${name} (${address})`;
}

function wayOut(wish: MembersWish, undeclared: readonly UndeclaredMember[], living: string): string {
  const running = undeclared.filter((member) => !isOut(member));
  const leader = undeclaredLeader(undeclared);
  const recorded = undeclared.filter((member) => member.recorded).map((member) => member.name);
  const nodes = undeclared.flatMap(({ address, votes }) => (address === undefined || votes === false ? [] : [address]));
  return [
    "Put back on the list what belongs to it. What is to leave does so in this order.",
    ...(leader === undefined
      ? []
      : [
          `On ${living}: patronictl -c ${PATRONI.config} switchover ${wish.scope} --leader ` +
            `${leader.name} --candidate ${living} --force`,
        ]),
    ...running.map(({ name }) => `On ${name}, unless it is switched off: systemctl disable --now ${wish.unit}`),
    ...nodes.map((address) => `On ${living}: ${wish.dcs.removal(wish.dcs.nodeAt(address))}`),
    ...(recorded.length === 0 ? [] : [forgetWords(wish.resource, recorded)]),
  ].join("\n");
}

/** The leader is asked last, so that its word stands: those of the others may be older. */
function shownMembers(wish: MembersWish, facts: FactsOf, leader: string | undefined): readonly ClusterMemberFact[] {
  const names = wish.members.map(({ name }) => name).toSorted((name) => (name === leader ? 1 : -1));
  const said = names.flatMap((name) => facts(name)?.patroni.cluster ?? []);
  return [...new Map(said.map((member) => [member.name, member])).values()];
}

function isDeclared(wish: MembersWish, { name }: ClusterMemberFact): boolean {
  return wish.members.some((member) => member.name === name);
}
