import { rmSync } from "node:fs";

/**
 * Removes a folder of a test's and all in it; one that is gone is none. A process that the test started, and that is
 * still ending, may write one more file meanwhile (ENOTEMPTY): it has up to ten seconds.
 */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
