/**
 * load-balancer/gateway/configuration/resolve-configuration — the configurations a Gateway is built
 * with, once its class is accepted and has seen its own.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 controllers/gateway/
 * config_resolver.go, utils.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import type { Gateway, GatewayClass } from '../../../../model/kubernetes/gateway.ts';
import type {
  LoadBalancerConfiguration,
  LoadBalancerConfigurationSpec,
  TargetGroupConfiguration,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { BuildError, within } from '../../build-error.ts';
import { mergedConfiguration, mergedDefaults } from './merge-configurations.ts';

/** Which configuration a class has seen. */
export const SEEN_ANNOTATION = 'elbv2.k8s.aws/last-processed-config';

export interface Resolved {
  readonly configuration: LoadBalancerConfigurationSpec;
  readonly defaults: TargetGroupConfiguration | undefined;
  /** Those it is made of. */
  readonly used: readonly LoadBalancerConfiguration[];
}

/** @throws BuildError  where the class is not ready, or a configuration is not there */
export function resolveConfiguration(
  store: TwinStore,
  gateway: Gateway,
  gatewayClass: GatewayClass,
): Resolved {
  if (!isAccepted(gatewayClass)) {
    const which = `gateway class [${gatewayClass.metadata.name}]`;
    throw new BuildError(`Unable to materialize gateway when ${which} is not accepted`);
  }
  const ofClass = configurationOfClass(store, gatewayClass);
  if (ofClass !== undefined) checkSeen(store, gatewayClass, ofClass);
  const own = gateway.spec.infrastructure?.parametersRef;
  const ofGateway =
    own && configurationAt(store, `${gateway.metadata.namespace}/${own.name}`, own.name);
  const classSpec = ofClass?.spec ?? {};
  const defaults = mergedDefaults(
    classSpec,
    defaultsOf(store, 'GatewayClass', ofClass),
    defaultsOf(store, 'Gateway', ofGateway),
  );
  const configuration =
    ofClass === undefined || ofGateway === undefined
      ? ((ofClass ?? ofGateway)?.spec ?? {})
      : mergedConfiguration(classSpec, ofGateway.spec ?? {});
  return { configuration, defaults, used: [ofClass, ofGateway].filter((it) => it !== undefined) };
}

export const isAccepted = ({ status }: GatewayClass): boolean =>
  (status?.conditions ?? []).find(({ type }) => type === 'Accepted')?.status === 'True';

/** @throws BuildError  where it is not there, or in no namespace */
export function configurationOfClass(
  store: TwinStore,
  { spec }: GatewayClass,
): LoadBalancerConfiguration | undefined {
  const reference = spec.parametersRef;
  if (reference === undefined) return undefined;
  const { name, namespace } = reference;
  if (namespace === undefined) {
    throw new BuildError('Namespace must be specified in ParametersRef');
  }
  return configurationAt(store, `${namespace}/${name}`, name);
}

const GROUP = 'gateway.k8s.aws';

function configurationAt(store: TwinStore, key: string, name: string): LoadBalancerConfiguration {
  const found = store.get('LoadBalancerConfiguration', key);
  if (found !== undefined) return found;
  throw new BuildError(`loadbalancerconfigurations.${GROUP} "${name}" not found`);
}

function checkSeen(
  store: TwinStore,
  { metadata }: GatewayClass,
  configuration: LoadBalancerConfiguration,
): void {
  const failed = 'failed to resolve default TargetGroupConfiguration for GatewayClass LBC';
  const latest = within(failed, () => configurationVersion(store, configuration));
  const seen = metadata.annotations?.[SEEN_ANNOTATION];
  if (seen === latest) return;
  const versions = `Processed version ${seen ?? ''}, Latest version ${latest}`;
  const which = `GatewayClass [${metadata.name}]`;
  throw new BuildError(`${which} hasn't processed latest loadbalancer config. ${versions}`);
}

/** Changes with the configuration and with its default for target groups. @throws BuildError */
export function configurationVersion(
  store: TwinStore,
  configuration: LoadBalancerConfiguration | undefined,
): string {
  if (configuration === undefined) return '';
  const versionOf = (kind: 'LoadBalancerConfiguration' | 'TargetGroupConfiguration', key: string) =>
    String(store.entry(kind, key)?.revision ?? '');
  const own = versionOf('LoadBalancerConfiguration', keyOf(configuration));
  const defaults = namedDefaults(store, configuration);
  if (defaults === undefined) return own;
  return `${own}-${versionOf('TargetGroupConfiguration', keyOf(defaults))}`;
}

function namedDefaults(
  store: TwinStore,
  { metadata, spec }: LoadBalancerConfiguration,
): TargetGroupConfiguration | undefined {
  const name = spec?.defaultTargetGroupConfiguration?.name;
  if (name === undefined) return undefined;
  const namespace = metadata.namespace ?? '';
  const found = store.get('TargetGroupConfiguration', `${namespace}/${name}`);
  if (found === undefined) {
    throw new BuildError(`targetgroupconfigurations.${GROUP} "${name}" not found`);
  }
  if (found.spec.targetReference === undefined) return found;
  throw new BuildError(
    `TargetGroupConfiguration "${name}" in namespace "${namespace}" has targetReference set and ` +
      'cannot be used as a defaultTargetGroupConfiguration — a default TGC must not have ' +
      'targetReference',
  );
}

function defaultsOf(
  store: TwinStore,
  whose: 'GatewayClass' | 'Gateway',
  configuration: LoadBalancerConfiguration | undefined,
): TargetGroupConfiguration | undefined {
  if (configuration === undefined) return undefined;
  const { metadata, spec } = configuration;
  const name = spec?.defaultTargetGroupConfiguration?.name;
  const by = `${whose} LoadBalancerConfiguration "${metadata.name}"`;
  const where = `referenced by ${by} in namespace "${metadata.namespace}"`;
  return within(`failed to resolve default TargetGroupConfiguration "${name}" ${where}`, () =>
    namedDefaults(store, configuration),
  );
}
