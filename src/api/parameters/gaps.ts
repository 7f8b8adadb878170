/**
 * Why a server refuses a number that is within the range it tells: what a check of its own says, which no description
 * has.
 */
export function gapAt(name: string, value: number): { readonly why: string; readonly wayOut: string } | undefined {
  if (IN_SIXTEENS.has(name) && value % 16 !== 0)
    return {
      why: "is no multiple of 16 blocks, which this setting has to be",
      wayOut: `write ${Math.max(16, Math.round(value / 16) * 16)}`,
    };
  if (name === "io_max_concurrency" && value === 0)
    return { why: "is neither -1, which leaves it to PostgreSQL, nor at least 1", wayOut: "write -1, or leave it out" };
  if (name === "vacuum_buffer_usage_limit" && value > 0 && value < 128)
    return { why: "is neither 0 nor at least 128 kB", wayOut: "write 0, or something from 128kB on" };
  return undefined;
}

/** Kept in banks since 17: check_slru_buffers in src/backend/access/transam/slru.c. */
const IN_SIXTEENS: ReadonlySet<string> = new Set([
  "commit_timestamp_buffers",
  "multixact_member_buffers",
  "multixact_offset_buffers",
  "notify_buffers",
  "serializable_buffers",
  "subtransaction_buffers",
  "transaction_buffers",
]);
