import type { ModelWorld } from "./model-world.ts";

/** Ways in which a host drifts from its spec behind pgha's back. */
export const DRIFTS: Readonly<Record<string, (model: ModelWorld, host: string) => void>> = {
  "a file was edited": (model, host) => {
    for (const [path, file] of model.host(host).files) {
      model.host(host).write(path, { ...file, content: `${file.content}# edited\n` });
      return;
    }
  },
  "all files were removed": (model, host) => model.host(host).files.clear(),
  "modes were opened": (model, host) => {
    for (const file of model.host(host).files.values()) file.mode = 0o666;
    for (const directory of model.host(host).directories.values()) directory.mode = 0o777;
  },
  "a package was removed": (model, host) =>
    void model.host(host).packages.delete([...model.host(host).packages][0] ?? ""),
  "a pool's service was stopped and disabled": (model, host) => {
    for (const unit of ["pgha-haproxy.service", "pgha-pgbouncer.service"]) {
      model.host(host).active.delete(unit);
      model.host(host).enabled.delete(unit);
    }
  },
  "services run with an older configuration": (model, host) => {
    for (const [unit, files] of model.host(host).loaded) {
      model
        .host(host)
        .loaded.set(
          unit,
          new Map(
            [...files].map(([path, content]) => [
              path,
              content.replaceAll(/(pgha-|pgha_config: ["']?)[0-9a-f]{16}/g, "$10123456789abcdef"),
            ]),
          ),
        );
    }
  },
  "the artifact was replaced": (model, host) => {
    for (const path of model.host(host).artifacts.keys()) model.host(host).artifacts.set(path, "1".repeat(64));
  },
  "a role, a database and an extension were dropped": (model) => {
    model.roles = model.roles.slice(1);
    model.databases = model.databases.slice(1).map((database) => ({ ...database, extensions: {} }));
  },
  "roles and databases were altered": (model) => {
    model.roles = model.roles.map((role) => ({ ...role, superuser: true, memberOf: [], verifierDigest: "x" }));
    model.databases = model.databases.map((database) => ({ ...database, owner: "postgres" }));
  },
  "somebody wrote into pg_hba.conf": (model, host) => {
    const rules = ["host all all 0.0.0.0/0 trust"];
    if (model.host(host).active.has("patroni.service")) model.host(host).accessRules = rules;
  },
  "the dynamic configuration was edited": (model) => {
    model.dynamicConfiguration = {
      ...model.dynamicConfiguration,
      ttl: 90,
      postgresql: { parameters: { max_connections: 7, port: 1 } },
    };
  },
};
