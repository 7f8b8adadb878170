/**
 * A drop-in for sshd_config(5): logins by key alone. `root`: also say that root logs in by key only, where the host has
 * not forbidden that altogether.
 */
export function sshdConf({ root }: { readonly root: boolean }): string {
  return [
    "# Written by pgha, which brings it back when it is changed here: change the manifest instead.",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    ...(root ? ["PermitRootLogin prohibit-password"] : []),
    "",
  ].join("\n");
}
