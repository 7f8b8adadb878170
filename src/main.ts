import { run } from "./cli/run.ts";

// A reader that went away (`pgha plan | head`) is no fault of ours to report: end as a program killed by SIGPIPE would.
process.stdout.on("error", () => process.exit(141));
process.stderr.on("error", () => process.exit(141));

process.exit(
  await run(process.argv.slice(2), {
    // Touching process.stdin opens it, which most commands have no need of.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    workingDirectory: process.cwd(),
    signals: process,
    now: Date.now,
  }),
);
