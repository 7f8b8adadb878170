import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { loadKubeconfig } from "../../../src/cli/operator/kubeconfig.ts";
import { connectionFrom } from "../../../src/runtime/api-connection.ts";
import type { ApiConnection } from "../../../src/runtime/api-connection.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "pgha-kubeconfig-"));
  context.after(() => removeFolder(path));
  return path;
}

function kubeconfig(user: object, name = "one"): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}

async function authorization(connection: ApiConnection): Promise<unknown> {
  const { headers } = await connection.options();
  return (headers as Readonly<Record<string, unknown>> | undefined)?.["Authorization"];
}

describe("the tokenFile of a kubeconfig's user", () => {
  it("is read, from where the kubeconfig is, before a token, without the line break at its end", async (context) => {
    const path = await folder(context);
    await writeFile(join(path, "token"), "first\n");
    for (const user of [
      { tokenFile: "token" },
      { tokenFile: join(path, "token") },
      { tokenFile: "token", token: "older" },
    ]) {
      await writeFile(join(path, "config"), kubeconfig(user));
      const connection = connectionFrom(loadKubeconfig({ kubeconfig: join(path, "config") }).config);
      assert.equal(await authorization(connection), "Bearer first", JSON.stringify(user));
      connection.close();
    }
  });

  it("is read again when a minute has passed: tokens are short-lived", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
    const path = await folder(context);
    await writeFile(join(path, "token"), "first");
    await writeFile(join(path, "config"), kubeconfig({ tokenFile: "token" }));
    const connection = connectionFrom(loadKubeconfig({ kubeconfig: join(path, "config") }).config);
    assert.equal(await authorization(connection), "Bearer first");
    await writeFile(join(path, "token"), "second\n");
    context.mock.timers.tick(61_000);
    assert.equal(await authorization(connection), "Bearer second");
    connection.close();
  });

  it("is found in each of the files of KUBECONFIG", async (context) => {
    const path = await folder(context);
    const { KUBECONFIG: before } = process.env;
    context.after(() => {
      if (before === undefined) delete process.env["KUBECONFIG"];
      else process.env["KUBECONFIG"] = before;
    });
    await writeFile(join(path, "token"), "of the second file");
    await writeFile(join(path, "a"), kubeconfig({ token: "a" }, "a"));
    await writeFile(join(path, "b"), kubeconfig({ tokenFile: "token" }, "b"));
    process.env["KUBECONFIG"] = `${join(path, "a")}:${join(path, "b")}`;
    for (const [name, expected] of [
      ["a", "Bearer a"],
      ["b", "Bearer of the second file"],
    ] as const) {
      const connection = connectionFrom(loadKubeconfig({ context: name }).config);
      assert.equal(await authorization(connection), expected);
      connection.close();
    }
  });

  it("is told of when it is not there, instead of asking as nobody", async (context) => {
    const path = await folder(context);
    await writeFile(join(path, "config"), kubeconfig({ tokenFile: "nowhere" }));
    const connection = connectionFrom(loadKubeconfig({ kubeconfig: join(path, "config") }).config);
    await assert.rejects(connection.options(), /nowhere/);
    connection.close();
  });
});

describe("a kubeconfig's user that asks as somebody else", () => {
  it("does so, whatever it logs in with", async (context) => {
    const path = await folder(context);
    await writeFile(join(path, "token"), "t");
    for (const login of [{ token: "t" }, { tokenFile: "token" }]) {
      await writeFile(
        join(path, "config"),
        kubeconfig({ ...login, as: "system:serviceaccount:pgha-system:pgha-operator" }),
      );
      const connection = connectionFrom(loadKubeconfig({ kubeconfig: join(path, "config") }).config);
      const { headers } = await connection.options();
      assert.deepEqual(headers, {
        Authorization: "Bearer t",
        "Impersonate-User": "system:serviceaccount:pgha-system:pgha-operator",
      });
      connection.close();
    }
  });

  it("is refused where a part of whom would be left out, unless it is not the one in use", async (context) => {
    const path = await folder(context);
    await writeFile(
      join(path, "config"),
      kubeconfig({ token: "t", as: "jane", "as-groups": ["admins"], "as-user-extra": { team: ["a"] } }),
    );
    assert.throws(
      () => loadKubeconfig({ kubeconfig: join(path, "config") }),
      /user one has as-groups and as-user-extra, which pgha cannot send/,
    );
    const other = kubeconfig({ token: "t" }, "two").replace(
      '"users":[',
      '"users":[{"name":"one","user":{"as":"jane","as-groups":["admins"]}},',
    );
    await writeFile(join(path, "config"), other);
    loadKubeconfig({ kubeconfig: join(path, "config") });
  });
});
