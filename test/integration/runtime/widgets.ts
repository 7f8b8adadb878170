import { KubeConfig } from "@kubernetes/client-node";
import { createApiClient } from "../../../src/runtime/api-client.ts";
import type { ApiClient } from "../../../src/runtime/api-client.ts";
import { connectionFrom } from "../../../src/runtime/api-connection.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createController } from "../../../src/runtime/controller.ts";
import { objectPath } from "../../../src/runtime/kube-object.ts";
import type { KubeObject } from "../../../src/runtime/kube-object.ts";
import type { LeaderElector } from "../../../src/runtime/leader-elector.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createManager } from "../../../src/runtime/manager.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { ReconcileContext } from "../../../src/runtime/reconcile-context.ts";
import { createReflector } from "../../../src/runtime/reflector.ts";
import type { Reflector } from "../../../src/runtime/reflector.ts";
import type { ReconcileResult } from "../../../src/runtime/requeue.ts";
import { isMoreThanStatus, wakeOn } from "../../../src/runtime/wake-on.ts";
import type { Kube } from "../../kube/start-kube.ts";

/** A resource of the tests' own: whoever reconciles it copies spec.value to status.value. */
export interface Widget extends KubeObject {
  readonly spec: { readonly value: number };
  readonly status?: { readonly value?: number };
}

export const WIDGETS = { group: "test.pgha.keybuzz.io", version: "v1", plural: "widgets", kind: "Widget" };

const SERVICE_ACCOUNT = "widget-operator";

/** Defines widgets, and a service account that may do what a widget operator does. */
export async function installWidgets(kube: Kube): Promise<void> {
  const integer = { type: "object", properties: { value: { type: "integer" } } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${WIDGETS.plural}.${WIDGETS.group}` },
    spec: {
      group: WIDGETS.group,
      scope: "Namespaced",
      names: { plural: WIDGETS.plural, singular: "widget", kind: WIDGETS.kind },
      versions: [
        {
          name: WIDGETS.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", properties: { spec: integer, status: integer } } },
        },
      ],
    },
  };
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify(definition));
  await kube.kubectl(["wait", "--for=condition=Established", `crd/${definition.metadata.name}`]);
  await kube.kubectl(["create", "serviceaccount", SERVICE_ACCOUNT]);
  const rules = [
    { apiGroups: [WIDGETS.group], resources: ["widgets"], verbs: ["list", "watch"] },
    { apiGroups: [WIDGETS.group], resources: ["widgets/status"], verbs: ["update"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] },
    { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
  ];
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: SERVICE_ACCOUNT },
    rules,
  };
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify(role));
  await kube.kubectl([
    "create",
    "clusterrolebinding",
    SERVICE_ACCOUNT,
    `--clusterrole=${SERVICE_ACCOUNT}`,
    `--serviceaccount=default:${SERVICE_ACCOUNT}`,
  ]);
}

/** Kubeconfig of the operator's service account, through a proxy if its url is given. */
export function operatorKubeconfig(kube: Kube, url?: string): Promise<string> {
  return kube.kubeconfigFor("default", SERVICE_ACCOUNT, url);
}

export function clientOf(kubeconfigPath: string, onAnswer?: (method: string, code: string) => void): ApiClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return createApiClient({
    connection: connectionFrom(config),
    clock: systemClock,
    userAgent: "widget-operator",
    ...(onAnswer === undefined ? {} : { onAnswer }),
  });
}

export interface WidgetOperator {
  readonly reflector: Reflector<Widget>;
  readonly metrics: () => Promise<string>;
  run(stop: AbortSignal): Promise<void>;
}

export interface WidgetOperatorOptions {
  readonly client: ApiClient;
  reconcile(widget: Widget, context: ReconcileContext): Promise<ReconcileResult>;
  readonly idleMs?: number;
  readonly elector?: LeaderElector;
}

/** The whole runtime, put together as an operator does. */
export function createWidgetOperator(options: WidgetOperatorOptions): WidgetOperator {
  const { client, idleMs, elector } = options;
  const common = { clock: systemClock, log: silentLog };
  const metrics = createRuntimeMetrics({ processMetrics: false });
  const reflector = createReflector<Widget>({
    ...common,
    client,
    selection: { type: WIDGETS },
    onEnd: metrics.watchEnded(WIDGETS.plural),
    ...(idleMs === undefined ? {} : { idleMs }),
  });
  const controller = createController({
    ...common,
    name: "widget",
    metrics,
    keys: () => reflector.store.list().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    async reconcile(key, context) {
      const widget = reflector.store.get(key);
      return widget === undefined ? { kind: "gone" } : options.reconcile(widget, context);
    },
  });
  wakeOn(controller, reflector, undefined, isMoreThanStatus);
  const manager = createManager({
    reflectors: [reflector],
    controllers: [controller],
    log: silentLog,
    ...(elector === undefined ? {} : { elector }),
  });
  return { reflector, metrics: () => metrics.registry.metrics(), run: (stop) => manager.run(stop) };
}

export function widgetPath(name: string): string {
  return objectPath(WIDGETS, `default/${name}`);
}
