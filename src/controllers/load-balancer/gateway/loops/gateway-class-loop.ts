/**
 * load-balancer/gateway/loops/gateway-class-loop — classes of the controller's Gateways: accepted
 * once their configuration is there; which one they have seen is written on them.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/gateway/gateway_class_controller.go, utils.go.
 * Writes: GatewayClass (finalizer, annotations, status).
 */
import { isApiStatus } from '../../../../cluster/kubernetes.ts';
import type { Kinds } from '../../../../model/kinds.ts';
import type { GatewayClass } from '../../../../model/kubernetes/gateway.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { unixSeconds } from '../../../../model/time.ts';
import { type Controller, done, type Result, retry, watch } from '../../../../sim/controller.ts';
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
  { clock, store, kubernetes, settings }: DeployTools,
  controllers: readonly string[],
): Controller<Kinds> {
  const finalizers = new Finalizers(store, kubernetes);
  const statuses = new StatusWriter(clock, store, kubernetes);

  const say = (name: string, said: Verdict): void => {
    const gatewayClass = store.get('GatewayClass', name);
    const before = gatewayClass?.status?.conditions ?? [];
    // A class without the condition gets none: upstream changes what the CRD put there.
    if (gatewayClass === undefined || !before.some(({ type }) => type === said.type)) return;
    const conditions = withVerdict(before, said, statuses.seenNow(gatewayClass));
    statuses.write(gatewayClass, { ...gatewayClass.status, conditions });
  };

  const remember = (name: string, version: string): Result => {
    const gatewayClass = store.get('GatewayClass', name);
    if (gatewayClass === undefined) return done;
    const { annotations = {} } = gatewayClass.metadata;
    if (annotations[SEEN_ANNOTATION] === version) return done;
    const written = kubernetes.update<GatewayClass>({
      ...gatewayClass,
      metadata: {
        ...gatewayClass.metadata,
        annotations: {
          ...annotations,
          [SEEN_ANNOTATION]: version,
          [`${SEEN_ANNOTATION}-timestamp`]: String(unixSeconds(clock.now())),
        },
      },
    });
    return isApiStatus(written) ? retry(written.message) : done;
  };

  const accept = (gatewayClass: GatewayClass): Result => {
    const { name } = gatewayClass.metadata;
    const refused = finalizers.add('GatewayClass', name, FINALIZER);
    if (refused !== undefined) return retry(refused.message);
    const reference = gatewayClass.spec.parametersRef;
    if (reference !== undefined && reference.namespace === undefined) {
      const text = 'Namespace must be specified in ParametersRef for LoadBalancerConfiguration';
      say(name, verdict('Accepted', false, 'InvalidParametersRef', text));
      return done;
    }
    const configuration = built(() => configurationOfClass(store, gatewayClass));
    if (configuration instanceof BuildError) {
      const where = `(${reference?.name},${reference?.namespace})`;
      const text = `LoadBalancerConfiguration ${where} not found`;
      say(name, verdict('Accepted', false, 'NotFound', text));
      return retry(configuration.message);
    }
    const version = built(() => configurationVersion(store, configuration));
    if (version instanceof BuildError) return retry(version.message);
    const remembered = remember(name, version);
    if (remembered.kind !== 'done') return remembered;
    say(name, verdict('Accepted', true, 'Accepted', 'Accepted'));
    return done;
  };

  const release = ({ metadata }: GatewayClass): Result => {
    if (metadata.finalizers?.includes(FINALIZER) !== true) return done;
    if (store.lookup('Gateway', 'class', metadata.name).length > 0) {
      const which = `GatewayClass [${metadata.name}]`;
      return retry(`unable to delete ${which}, as it is still referenced by Gateways`);
    }
    const refused = finalizers.remove('GatewayClass', metadata.name, FINALIZER);
    return refused === undefined ? done : retry(refused.message);
  };

  const classesOf = (configurationKey: string): readonly string[] =>
    store.lookup('GatewayClass', 'configuration', configurationKey).map(keyOf);

  return {
    name: 'load-balancer-gateway-class',
    concurrency: settings.gatewayClassMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: [
      watch<Kinds, 'GatewayClass'>('GatewayClass', ({ key }) => [key]),
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
      const isGoing = gatewayClass.metadata.deletionTimestamp !== undefined;
      return isGoing ? release(gatewayClass) : accept(gatewayClass);
    },
  };
}
