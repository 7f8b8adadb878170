import { dirname } from "node:path";

/**
 * client-node does not say that its modules only define things, so all of Kubernetes' models and clients would be in the
 * bundle: 3 MB of program text in the memory of every operator. pgha takes its kubeconfig from there and nothing else.
 */
export const unusedModels = {
  name: "unused-models",
  setup(build) {
    build.onResolve({ filter: /^(\.|@kubernetes\/client-node$)/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === unusedModels) return undefined;
      if (path.startsWith(".") && !dirname(importer).includes("/node_modules/@kubernetes/client-node/")) return undefined;
      const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: unusedModels });
      return found.errors.length > 0 ? undefined : { path: found.path, sideEffects: false };
    });
  },
};
