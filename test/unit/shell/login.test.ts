import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { batchOf } from "../../../src/apply/step-batch.ts";
import { HostUnreachableError } from "../../../src/errors.ts";
import { sh, withInput, withStdin } from "../../../src/shell/command.ts";
import type { Command } from "../../../src/shell/command.ts";
import { connectSsh } from "../../../src/shell/ssh.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import type { SshServerOptions } from "../../ssh-server/ssh-server.ts";
import { hostKey, login, targetOn } from "../../ssh-server/target.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "pgha-login-"));
const cleanUps: (() => Promise<void>)[] = [];
after(async () => {
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
  removeFolder(folder);
});

async function shellOn(server: Partial<SshServerOptions>, keepCommands = false) {
  const started = await startSshServer({
    authorizedKey: login.publicKey,
    hostKeys: [hostKey.privateKey],
    onExec: "real",
    ...server,
  });
  const shell = connectSsh(targetOn(started, { user: "ops" }), { keepCommands });
  cleanUps.unshift(
    () => shell.close(),
    () => started.close(),
  );
  return shell;
}

/** bash that reads a start-up file first, as it does for sshd. */
function startingWith(name: string, lines: string): Partial<SshServerOptions> {
  const file = join(folder, name);
  writeFileSync(file, `unset BASH_ENV\n${lines}`);
  return { loginShell: ["/bin/bash"], environment: { BASH_ENV: file } };
}

const PASSWORD = "s3cr3t pass'word";
const soon = { deadlineMs: 20_000 };
/** A step, a batch of steps, and a look that is kept: all with a secret in what they read. */
const STEP = withStdin(sh`cat >/dev/null`, `password: "${PASSWORD}"\n`, [PASSWORD]);
const COMMANDS: readonly (readonly [string, Command])[] = [
  ["a step", STEP],
  ["steps together", batchOf([STEP, STEP])],
  ["a look", { ...withStdin(sh`IFS= read -r x`, `${Buffer.from(PASSWORD).toString("base64")}\n`), repeatable: true }],
];

/** Parts of the secret, plain and as base64 however it lies. */
function isTold(text: string): boolean {
  const parts = [0, 1, 2].map((pad) =>
    Buffer.from(" ".repeat(pad) + PASSWORD)
      .toString("base64")
      .slice(4, 14),
  );
  return ["s3cr3t", "pass'word", ...parts].some((part) => text.includes(part));
}

async function refusal(server: Partial<SshServerOptions>, command: Command, keep: boolean) {
  const error: unknown = await (await shellOn(server, keep)).run(command, soon).catch((caught: unknown) => caught);
  assert.ok(error instanceof HostUnreachableError, String(error));
  assert.equal(error.reason, "LoginShellUnusable", error.message);
  assert.ok(!isTold(`${error.message} ${error.wayOut}`), error.message);
  return error;
}

describe("a login that runs something else is sent nothing that matters", () => {
  const recorder = join(folder, "recorder");
  const recorded = join(folder, "recorded");
  writeFileSync(recorder, `#!/bin/sh\nwhile IFS= read -r l; do printf '%s\\n' "$l" >>${recorded}; eval "$l"; done\n`);
  chmodSync(recorder, 0o755);
  const logins: readonly (readonly [string, Partial<SshServerOptions>, RegExp])[] = [
    ["exec of another shell", startingWith("exec", "exec bash --norc\n"), /another shell in the place/],
    ["exec of a shell that tells", startingWith("xtrace", "exec bash --norc -v\n"), /another shell in the place/],
    ["exec of what keeps its input", startingWith("records", `exec ${recorder}\n`), /another shell in the place/],
    ["script", startingWith("script", "exec script -q /dev/null\n"), /LoginShell|does not run commands|terminal/],
    [
      "script around the command",
      startingWith(
        "scriptc",
        `exec script -q -e -c "exec sh -c '$(printf %s "$BASH_EXECUTION_STRING" | sed ` +
          `"s/'/'\\\\\\\\''/g")'" /dev/null\n`,
      ),
      /terminal/,
    ],
    [
      "one that prints its input back",
      startingWith(
        "back",
        "exec < <(while IFS= read -r l; do printf '%s\\n' \"$l\" >&2; printf '%s\\n' \"$l\"; done)\n",
      ),
      /prints back/,
    ],
    ["no shell at all", { loginShell: ["/bin/false"] }, /exit code 1/],
    [
      "nologin",
      { onLogin: { code: 1, stdout: "This account is currently not available.\n" } },
      /exit code 1; it said: This account is currently not available/,
    ],
  ];
  for (const [what, server, message] of logins) {
    for (const [kind, command] of COMMANDS) {
      it(`${what}: ${kind}`, async () => {
        const error = await refusal(server, command, kind === "a look");
        assert.match(error.message, message);
        assert.match(error.wayOut ?? "", /getent passwd ops/);
      });
    }
  }
});

it("a login that expired is told from one without a shell, and so is the way out", async () => {
  const said = "WARNING: Your password has expired.\nPassword change required but no TTY available.\n";
  const shell = await shellOn({ onLogin: { code: 1, stderr: said } });
  const error: unknown = await shell.run(STEP, soon).catch((caught: unknown) => caught);
  assert.ok(error instanceof HostUnreachableError);
  assert.match(error.message, /it said: WARNING: Your password has expired.*no TTY available$/);
  assert.match(error.wayOut ?? "", /chage -E -1 -M -1/);
});

describe("a login with a mind of its own is none of a command's business", () => {
  it("its noise is not taken for the command's", async () => {
    const noisy = startingWith("noisy", "echo welcome; echo 'stty: no terminal' >&2; printf 'no line end'; cd /tmp\n");
    const shell = await shellOn(noisy);
    assert.deepEqual(await shell.run(withInput(sh`cat; pwd; umask; echo why >&2; exit 3`, "in\n"), soon), {
      exitCode: 3,
      stdout: "in\n/\n0022\n",
      stderr: "why\n",
    });
  });

  it("its environment does not reach the command", async () => {
    const environment = {
      http_proxy: "http://127.0.0.1:1",
      HTTPS_PROXY: "http://127.0.0.1:1",
      PGSSLMODE: "require",
      PGOPTIONS: "-c nonsense",
      PGSERVICE: "other",
      TMPDIR: "/nonexistent",
      POSIXLY_CORRECT: "1",
      CDPATH: "/usr",
      GREP_OPTIONS: "-v",
      LD_PRELOAD: "/nonexistent.so",
      ENV: "/nonexistent",
      PERL5OPT: "-Mnonsense",
      PYTHONPATH: "/nonexistent",
      IFS: "/",
      CURL_HOME: "/tmp",
      LC_ALL: "xx_YY.UTF-8",
      LANGUAGE: "fr",
      HOME: "/root",
      SYSTEMD_PAGER: "false",
    };
    const shell = await shellOn({ environment });
    for (const command of [sh`env`, { ...sh`env`, repeatable: true as const }]) {
      const { stdout } = await shell.run(command, soon);
      assert.deepEqual(
        stdout
          .split("\n")
          .filter((line) => !/^(?:PWD|OLDPWD|_|SHLVL)=|^$/.test(line))
          .toSorted(),
        ["HOME=/nonexistent", "LC_ALL=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      );
    }
  });
});

describe("what a host says of what it was sent", () => {
  it("is hidden where a login prints its input back later than it takes it", async () => {
    const shell = await shellOn(startingWith("tee", "exec < <(tee >(sleep 0.1; cat >&2))\n"));
    const failing = withStdin(sh`cat >/dev/null; sleep 0.3; exit 1`, `password: '${PASSWORD}'\n`, [PASSWORD]);
    for (const command of [failing, batchOf([failing])]) {
      const { stderr } = await shell.run(command, soon);
      assert.match(stderr, /\*\*\*/);
      assert.ok(!isTold(stderr), stderr);
    }
  });

  const everyForm = sh`s=$(cat); echo "refused: $s" >&2
printf %s "$s" | base64 -w 0 >&2; echo >&2
printf ' %s' "$s" | base64 -w 0 >&2; echo >&2
printf '  %s' "$s" | base64 -w 0 >&2; echo >&2
printf %s "$s" | od -An -tx1 | tr -d ' \n' >&2; echo >&2
printf %s "$s" | cut -c 1-24 >&2
exit 1`;

  for (const password of [PASSWORD, "eight888", `quote"back\\slash`, "äöü€ß long enough", "%40 percent"]) {
    it(`hides it in every form: ${password}`, async () => {
      const shell = await shellOn({});
      const { stderr } = await shell.run(withStdin(everyForm, `password: ${password}`, [password]), soon);
      assert.match(stderr, /refused: password: \*\*\*/);
      for (const told of [
        password,
        ...[0, 1, 2].map((pad) =>
          Buffer.from(" ".repeat(pad) + password)
            .toString("base64")
            .slice(4, -4),
        ),
        Buffer.from(password).toString("hex"),
      ])
        assert.ok(told.length < 4 || !stderr.includes(told), `${told} is in ${stderr}`);
    });
  }

  it("leaves the rest of a complaint as it is", async () => {
    const shell = await shellOn({});
    const command = withStdin(
      sh`cat >/dev/null; echo 'ERROR:  role "chatwoot" does not exist' >&2; exit 3`,
      "ALTER ROLE chatwoot PASSWORD 'SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0$abc:def'",
      ["SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0$abc:def", "longenough"],
    );
    assert.equal((await shell.run(command, soon)).stderr, 'ERROR:  role "chatwoot" does not exist\n');
  });
});
