import { campaign } from "./campaign.ts";
import { failuresOf, outcomeLines } from "./report.ts";

/**
 * A fault campaign on lab hosts, which the same seed repeats. Environment: SEED, CHAOS_SECONDS (120). Exits with 1 when a commit was lost, when Ready was said and was not so, or when not all came right again.
 */
async function main(): Promise<void> {
  const seed = Number(process.env["SEED"]);
  const seconds = Number(process.env["CHAOS_SECONDS"] ?? 120);
  if (!Number.isInteger(seed) || !(seconds > 0)) throw new Error("SEED is a whole number, CHAOS_SECONDS a number");
  say(`seed ${seed}, ${seconds} s`);
  const outcome = await campaign({ seed, seconds, say });
  for (const line of outcomeLines(seed, outcome)) say(line);
  if (failuresOf(outcome).length > 0) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
