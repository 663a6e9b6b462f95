/**
 * load-balancer/gateway/loops/gateway-class-loop — classes of the controller's Gateways: accepted
 * once their configuration is there; which one they have seen is written on them.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/gateway/gateway_class_controller.go, utils.go.
 * Writes: GatewayClass (finalizer, annotations, status).
 */
import { type ApiStatus, isApiStatus } from '../../../../cluster/kubernetes.ts';
import type { Kinds } from '../../../../model/kinds.ts';
import type { GatewayClass } from '../../../../model/kubernetes/gateway.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { unixSeconds } from '../../../../model/time.ts';
import {
  type Controller,
  done,
  itself,
  type Result,
  retry,
  watch,
} from '../../../../sim/controller.ts';
import { BuildError, built } from '../../build-error.ts';
import type { DeployTools } from '../../deploy/deployment.ts';
import { Finalizers } from '../../loops/finalizers.ts';
import { IDLE_RETRY_MS } from '../../loops/outcome.ts';
import {
  configurationOfClass,
  configurationVersion,
  SEEN_ANNOTATION,
} from '../configuration/resolve-configuration.ts';
import { type Verdict, verdict, withVerdict } from '../status/conditions.ts';
import { StatusWriter } from '../status/status-writer.ts';

const FINALIZER = 'gateway.k8s.aws/gatewayclass';

/** Requests are names of classes. @param controllers  whose classes are looked at */
export function gatewayClassLoop(
  tools: DeployTools,
  controllers: readonly string[],
): Controller<Kinds> {
  const { store, settings } = tools;
  const loop = new GatewayClassLoop(tools);
  const classesOf = (configurationKey: string): readonly string[] =>
    store.lookup('GatewayClass', 'configuration', configurationKey).map(keyOf);
  return {
    name: 'load-balancer-gateway-class',
    concurrency: settings.gatewayClassMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: [
      watch<Kinds, 'GatewayClass'>('GatewayClass', itself),
      watch<Kinds, 'LoadBalancerConfiguration'>('LoadBalancerConfiguration', ({ key }) =>
        classesOf(key),
      ),
      watch<Kinds, 'TargetGroupConfiguration'>('TargetGroupConfiguration', ({ key }) =>
        store
          .lookup('LoadBalancerConfiguration', 'default', key)
          .flatMap((it) => classesOf(keyOf(it))),
      ),
    ],
    reconcile: (name) => {
      const gatewayClass = store.get('GatewayClass', name);
      if (gatewayClass === undefined) return done;
      if (!controllers.includes(gatewayClass.spec.controllerName)) return done;
      return loop.reconcile(gatewayClass);
    },
  };
}

class GatewayClassLoop {
  readonly #tools: DeployTools;
  readonly #finalizers: Finalizers;
  readonly #statuses: StatusWriter;

  constructor(tools: DeployTools) {
    const { clock, store, kubernetes } = tools;
    this.#tools = tools;
    this.#finalizers = new Finalizers(store, kubernetes);
    this.#statuses = new StatusWriter(clock, store, kubernetes);
  }

  reconcile(gatewayClass: GatewayClass): Result {
    return gatewayClass.metadata.deletionTimestamp === undefined
      ? this.#accept(gatewayClass)
      : this.#release(gatewayClass);
  }

  #accept(gatewayClass: GatewayClass): Result {
    const { store } = this.#tools;
    const { name } = gatewayClass.metadata;
    const refused = this.#finalizers.add('GatewayClass', name, FINALIZER);
    if (refused !== undefined) return retry(refused.message);
    const reference = gatewayClass.spec.parametersRef;
    if (reference !== undefined && reference.namespace === undefined) {
      const text = 'Namespace must be specified in ParametersRef for LoadBalancerConfiguration';
      this.#say(name, verdict('Accepted', false, 'InvalidParametersRef', text));
      return done;
    }
    const configuration = built(() => configurationOfClass(store, gatewayClass));
    if (configuration instanceof BuildError) {
      const where = `(${reference?.name},${reference?.namespace})`;
      const text = `LoadBalancerConfiguration ${where} not found`;
      this.#say(name, verdict('Accepted', false, 'NotFound', text));
      return retry(configuration.message);
    }
    const version = built(() => configurationVersion(store, configuration));
    if (version instanceof BuildError) return retry(version.message);
    const unremembered = this.#remember(name, version);
    if (unremembered !== undefined) return retry(unremembered.message);
    this.#say(name, verdict('Accepted', true, 'Accepted', 'Accepted'));
    return done;
  }

  #release({ metadata }: GatewayClass): Result {
    const { name, finalizers = [] } = metadata;
    if (!finalizers.includes(FINALIZER)) return done;
    if (this.#tools.store.lookup('Gateway', 'class', name).length > 0) {
      const which = `GatewayClass [${name}]`;
      return retry(`unable to delete ${which}, as it is still referenced by Gateways`);
    }
    const refused = this.#finalizers.remove('GatewayClass', name, FINALIZER);
    return refused === undefined ? done : retry(refused.message);
  }

  /** Writes on the class which configuration it has seen. */
  #remember(name: string, version: string): ApiStatus | undefined {
    const { clock, store, kubernetes } = this.#tools;
    const gatewayClass = store.get('GatewayClass', name);
    const before = gatewayClass?.metadata.annotations ?? {};
    if (gatewayClass === undefined || before[SEEN_ANNOTATION] === version) return undefined;
    const annotations = {
      ...before,
      [SEEN_ANNOTATION]: version,
      [`${SEEN_ANNOTATION}-timestamp`]: String(unixSeconds(clock.now())),
    };
    const metadata = { ...gatewayClass.metadata, annotations };
    const written = kubernetes.update<GatewayClass>({ ...gatewayClass, metadata });
    return isApiStatus(written) ? written : undefined;
  }

  #say(name: string, said: Verdict): void {
    const gatewayClass = this.#tools.store.get('GatewayClass', name);
    const before = gatewayClass?.status?.conditions ?? [];
    // A class without the condition gets none: upstream changes what the CRD put there.
    if (gatewayClass === undefined || !before.some(({ type }) => type === said.type)) return;
    const conditions = withVerdict(before, said, this.#statuses.seenNow(gatewayClass));
    this.#statuses.write(gatewayClass, { ...gatewayClass.status, conditions });
  }
}
