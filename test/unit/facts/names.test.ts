import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { namesFact } from "../../../src/facts/names.ts";
import { localShell } from "../../ssh-server/local-shell.ts";

/** getent as a host has it, and its /etc/hosts in a file of the test's own. */
const GETENT = `getent() { case "$1 $2" in
"ahosts db-1.lan") printf '127.0.1.1       STREAM db-1.lan\n127.0.1.1       DGRAM\nfd00::1 STREAM\n' ;;
"hosts 127.0.1.1") echo '127.0.1.1       db-1.lan db-1' ;;
"hosts fd00::1") echo 'fd00::1         vm-1.cloud' ;;
*) return 2 ;; esac; }
timeout() { shift; "$@"; }
grep() { printf '127.0.0.1 localhost\n# 127.0.1.1 db-1.lan\n127.0.1.1\tdb-1.lan db-1\n10.0.0.1 db-1xlan\n' | command grep "$1" "$2" "$3" "$4" "$5"; }
`;

describe("names on a host", () => {
  it("are told with where they lead, where that leads back, and the line of /etc/hosts", async () => {
    const fact = namesFact(["10.0.0.2", "db-1.lan", "nowhere", "fd00::2", "localhost"], ["db-1.lan"]);
    const { stdout, exitCode } = await localShell((script) => GETENT + script).run(fact.command, { deadlineMs: 5_000 });
    assert.deepEqual(fact.parse({ stdout, exitCode }), [
      {
        name: "db-1.lan",
        addresses: ["127.0.1.1", "fd00::1"],
        namesOfThose: ["db-1.lan", "vm-1.cloud"],
        hostsFile: "3:127.0.1.1 db-1.lan db-1",
      },
      { name: "nowhere", addresses: [], namesOfThose: [], hostsFile: "" },
    ]);
  });

  it("cost nothing where hosts are given by address", () => {
    assert.equal(namesFact(["10.0.0.1", "fd00::1"]).command.script, "true");
  });
});
