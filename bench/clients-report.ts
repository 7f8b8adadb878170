import type { ClientsReport } from "./clients.ts";

/** A line for a table: what clients saw of it. */
export function clientsLine(what: string, report: ClientsReport): string {
  const { transactions, failed, lost, twice, stale, longestMs } = report;
  return (
    `| ${what} | ${transactions.length} | ${failed} | ${lost} | ${twice} | ${stale} | ` +
    `${(longestMs / 1000).toFixed(2)} s |`
  );
}

export const CLIENTS_HEAD =
  "| | transactions | failed | lost | twice | stale reads | longest stall |\n| --- | --- | --- | --- | --- | --- | --- |";

const WIDTH = 1200;
const HEIGHT = 260;
const BUCKET_MS = 100;

/** How long clients waited over time, as a picture: of each tenth of a second the longest of what was sent in it. */
export function stallPicture({ transactions }: ClientsReport, title: string): string {
  const start = transactions[0]?.atMs ?? 0;
  const longest = new Map<number, number>();
  for (const { atMs, tookMs } of transactions) {
    const bucket = Math.floor((atMs - start) / BUCKET_MS);
    longest.set(bucket, Math.max(longest.get(bucket) ?? 0, tookMs));
  }
  const end = Math.max(1, ...longest.keys());
  const most = Math.max(1000, ...longest.values());
  const x = (bucket: number): string => (50 + (bucket / end) * (WIDTH - 70)).toFixed(1);
  const y = (ms: number): string => (HEIGHT - 30 - (ms / most) * (HEIGHT - 60)).toFixed(1);
  const bars = [...longest].map(
    ([bucket, ms]) => `<line x1="${x(bucket)}" y1="${y(0)}" x2="${x(bucket)}" y2="${y(ms)}"/>`,
  );
  const marks = Array.from({ length: Math.ceil(most / 500) + 1 }, (_, step) => step * 500).map(
    (ms) =>
      `<text x="4" y="${y(ms)}">${(ms / 1000).toFixed(1)} s</text>` +
      `<line x1="50" x2="${WIDTH - 20}" y1="${y(ms)}" y2="${y(ms)}" stroke="#ddd"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="50" y="18" font-size="14">${title}</text>`,
    ...marks,
    `<g stroke="#27c" stroke-width="1.2">${bars.join("")}</g>`,
    `<text x="50" y="${HEIGHT - 8}">0 s</text>`,
    `<text x="${WIDTH - 60}" y="${HEIGHT - 8}">${((end * BUCKET_MS) / 1000).toFixed(0)} s</text>`,
    "</svg>",
    "",
  ].join("\n");
}
