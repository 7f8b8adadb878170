import { ARTIFACT_OPTIONS } from "./artifact-files.ts";
import type { Command } from "commander";
import type { Attach } from "../invocation.ts";
import type { OperatorCommandOptions } from "./run.ts";

export function defineOperator(program: Command, attach: Attach): void {
  const command = program
    .command("operator")
    .summary("do it for ever, as Kubernetes asks")
    .description(
      "Watches the custom resources of a Kubernetes API server and keeps their hosts as they ask, until it " +
        "is told to stop.\nLogs a JSON object a line to standard error.",
    )
    .option(
      "--kubeconfig <path>",
      "how to reach the API server (default: KUBECONFIG, ~/.kube/config, or the pod's own service account)",
    )
    .option("--context <name>", "the context of the kubeconfig to use")
    .option("-n, --namespace <name>", "watch this namespace only; may be repeated (default: all)", collect)
    .option(
      "--allow-hosts <cidr>",
      "log in only to hosts within this network; may be repeated (default: anywhere)",
      collect,
    )
    .option("--poll <seconds>", "time between two looks at hosts that are as wanted", "30")
    .option("--concurrent-hosts <count>", "how many hosts are worked with at once", "100")
    .option("--port <port>", "for /metrics, /healthz and /readyz; 0: any free one", "8080")
    .option("--bind <address>", "address for that port (default: all)")
    .option("--no-leader-election", "do not compete for the lease: this is the only replica")
    .option("--lease-namespace <name>", "where the lease is kept (default: POD_NAMESPACE, else that of the kubeconfig)")
    .option("--lease-name <name>", "name of the lease", "pgha-operator")
    .option("--identity <name>", "how events and the lease name this replica (default: POD_NAME or the host name)")
    .option("--images <folder>", "where image archives are that resources name (default: PGHA_IMAGES)")
    .addHelpText("after", EXAMPLES);
  for (const artifact of ARTIFACT_OPTIONS) command.option(artifact.flags, artifact.description);
  attach<OperatorCommandOptions>(command, async (options, invocation) =>
    (await import("./run.ts")).runOperator(options, invocation),
  );
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

const EXAMPLES = `
SIGTERM lets the steps in hand finish, gives back the lease and stops.

Examples:
  pgha operator                                    inside the cluster
  pgha operator --kubeconfig ~/.kube/config -n databases --allow-hosts 10.0.0.0/16

Exit codes: 0 stopped as asked, 1 could not start.
`;
