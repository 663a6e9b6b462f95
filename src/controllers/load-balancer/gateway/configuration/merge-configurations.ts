/**
 * load-balancer/gateway/configuration/merge-configurations — what a class and a Gateway say of one
 * load balancer: the class wins, unless it leaves it to the Gateway.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/lb_config_merger.go,
 * tg_config_constructor.go MergeDefaultTGCs.
 */
import type {
  ListenerConfiguration,
  LoadBalancerConfigurationSpec,
  TargetGroupConfiguration,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import { mergeStringMaps } from '../../annotations/parser.ts';
import {
  mergedAttributes,
  mergedProps,
  withoutUndefined,
} from '../attachment/target-group-props.ts';

type Spec = LoadBalancerConfigurationSpec;

/** Field by field, but for the reserved capacity: upstream merges all but that one. */
export function mergedConfiguration(ofClass: Spec, ofGateway: Spec): Spec {
  const [over, under] = prefersGateway(ofClass) ? [ofGateway, ofClass] : [ofClass, ofGateway];
  const {
    mergingMode: _mode,
    minimumLoadBalancerCapacity: _capacity,
    ...fields
  } = { ...withoutUndefined(under), ...withoutUndefined(over) };
  return {
    ...fields,
    tags: mergeStringMaps(over.tags, under.tags),
    loadBalancerAttributes: mergedAttributes(
      over.loadBalancerAttributes,
      under.loadBalancerAttributes,
    ),
    listenerConfigurations: mergedListeners(over, under),
  };
}

const prefersGateway = ({ mergingMode }: Spec): boolean => mergingMode === 'prefer-gateway';

/** By protocol and port, each as a whole. */
function mergedListeners(over: Spec, under: Spec): readonly ListenerConfiguration[] {
  const byPort = new Map<string, ListenerConfiguration>();
  for (const { listenerConfigurations = [] } of [under, over]) {
    for (const it of listenerConfigurations) byPort.set(it.protocolPort, it);
  }
  return [...byPort.keys()].sort().map((port) => byPort.get(port)!);
}

/** The defaults for all target groups; what the winner says of single routes counts alone. */
export function mergedDefaults(
  classSpec: Spec,
  ofClass: TargetGroupConfiguration | undefined,
  ofGateway: TargetGroupConfiguration | undefined,
): TargetGroupConfiguration | undefined {
  if (ofClass === undefined || ofGateway === undefined) return ofClass ?? ofGateway;
  const [over, under] = prefersGateway(classSpec) ? [ofGateway, ofClass] : [ofClass, ofGateway];
  const defaultConfiguration = mergedProps(
    over.spec.defaultConfiguration ?? {},
    under.spec.defaultConfiguration ?? {},
  );
  return { ...over, spec: { ...over.spec, defaultConfiguration } };
}
