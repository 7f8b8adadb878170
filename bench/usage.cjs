// Loaded into the measured pgha with NODE_OPTIONS=--require: writes what the process used and which commands it ran on
// hosts to $PGHA_BENCH_USAGE, as JSON, when it ends.
"use strict";
const { writeFileSync } = require("node:fs");
const { subscribe } = require("node:diagnostics_channel");

const execs = [];
subscribe("pgha:exec", ({ host, display, startMs, tookMs }) => {
  execs.push({ host, display, startMs, tookMs });
});
process.on("exit", () => {
  const file = process.env.PGHA_BENCH_USAGE;
  if (file === undefined) return;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(
    file,
    JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024, execs }),
  );
});
