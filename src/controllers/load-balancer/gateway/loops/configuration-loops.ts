/**
 * load-balancer/gateway/loops/configuration-loops — configurations stay as long as somebody is
 * built with them; those of rules are accepted once their Secret is there.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 controllers/gateway/
 * loadbalancer_configuration_controller.go, targetgroup_configuration_controller.go,
 * listenerrule_configuration_controller.go.
 * Writes: the finalizers of these, ListenerRuleConfiguration (status).
 */
import type { Kinds, TwinStore } from '../../../../model/kinds.ts';
import type { Gateway } from '../../../../model/kubernetes/gateway.ts';
import type {
  ListenerRuleConfiguration,
  LoadBalancerConfiguration,
  TargetGroupConfiguration,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import {
  type Controller,
  done,
  itself,
  type Request,
  type Result,
  requeue,
  retry,
  watch,
} from '../../../../sim/controller.ts';
import type { DeployTools } from '../../deploy/deployment.ts';
import { Finalizers } from '../../loops/finalizers.ts';
import { IDLE_RETRY_MS } from '../../loops/outcome.ts';
import { ALB_ROUTES, routesWith } from '../attachment/gateway-lookups.ts';
import { StatusWriter } from '../status/status-writer.ts';
import type { ServiceReferences } from './service-references.ts';

/** How long a missing Secret is waited for. */
const SECRET_AGAIN_MS = 30_000;

type Kind = 'LoadBalancerConfiguration' | 'TargetGroupConfiguration' | 'ListenerRuleConfiguration';

/** Who may have gateways: the names of the controllers that run. */
export function configurationLoops(
  tools: DeployTools,
  references: ServiceReferences,
  controllers: readonly string[],
): readonly Controller<Kinds>[] {
  const { store } = tools;
  const gateways = () => store.list('Gateway').filter((it) => isOurs(store, controllers, it));
  const users = usersOf(store, controllers);
  return [
    keeper(tools, 'LoadBalancerConfiguration', (it) =>
      users(it as LoadBalancerConfiguration)
        ? `loadbalancer configuration [${keyOf(it)}] is still in use`
        : undefined,
    ),
    keeper(tools, 'TargetGroupConfiguration', (it) =>
      useOfTargets(store, users, references, gateways(), it as TargetGroupConfiguration),
    ),
    ruleConfigurations(tools),
  ];
}

const isOurs = (store: TwinStore, controllers: readonly string[], { spec }: Gateway): boolean =>
  controllers.includes(store.get('GatewayClass', spec.gatewayClassName)?.spec.controllerName ?? '');

/** Is a class or a Gateway of ours built with it? */
const usersOf =
  (store: TwinStore, controllers: readonly string[]) =>
  (configuration: LoadBalancerConfiguration): boolean => {
    const key = keyOf(configuration);
    const classes = store.lookup('GatewayClass', 'configuration', key);
    return (
      classes.some(({ spec }) => controllers.includes(spec.controllerName)) ||
      store.lookup('Gateway', 'configuration', key).some((it) => isOurs(store, controllers, it))
    );
  };

function useOfTargets(
  store: TwinStore,
  isUsed: (configuration: LoadBalancerConfiguration) => boolean,
  references: ServiceReferences,
  gateways: readonly Gateway[],
  configuration: TargetGroupConfiguration,
): string | undefined {
  const key = keyOf(configuration);
  const target = configuration.spec.targetReference;
  if (target === undefined) {
    const users = store.lookup('LoadBalancerConfiguration', 'default', key).filter(isUsed);
    if (users.length === 0) return undefined;
    const by = `LoadBalancerConfiguration [${users.map(keyOf).join(', ')}]`;
    return `default targetgroup configuration [${key}] is still in use by ${by}`;
  }
  // Whatever kind it refers to, it is a Service that is looked for.
  const serviceKey = `${configuration.metadata.namespace}/${target.name}`;
  if (store.get('Service', serviceKey) === undefined) return undefined;
  const accepted = gateways.filter(({ status }) =>
    (status?.conditions ?? []).some((it) => it.type === 'Accepted' && it.status === 'True'),
  );
  return references.isReferred(serviceKey, accepted.map(keyOf))
    ? `targetgroup configuration [${key}] is still in use`
    : undefined;
}

const FINALIZERS: Readonly<Record<Kind, string>> = {
  LoadBalancerConfiguration: 'gateway.k8s.aws/loadbalancerconfigurations',
  TargetGroupConfiguration: 'gateway.k8s.aws/targetgroupconfigurations',
  ListenerRuleConfiguration: 'gateway.k8s.aws/listenerruleconfigurations',
};

/** Keeps the objects of a kind while `useOf` says who uses them. */
function keeper(
  tools: DeployTools,
  kind: Exclude<Kind, 'ListenerRuleConfiguration'>,
  useOf: (configuration: Kinds[typeof kind]) => string | undefined,
): Controller<Kinds> {
  const { store } = tools;
  const keep = keeping(tools, kind);
  return {
    name: `load-balancer-${kind.toLowerCase()}`,
    concurrency: tools.settings.gatewayClassMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: [watch<Kinds, typeof kind>(kind, itself)],
    reconcile: (key) => {
      const object = store.get(kind, key);
      return object === undefined ? done : keep(object, () => useOf(object));
    },
  };
}

/** Puts the finalizer on, and takes it off what goes and is used no more. */
function keeping({ store, kubernetes }: DeployTools, kind: Kind) {
  const finalizers = new Finalizers(store, kubernetes);
  const finalizer = FINALIZERS[kind];
  return (object: Kinds[Kind], useOf: () => string | undefined): Result => {
    const { deletionTimestamp, finalizers: held = [] } = object.metadata;
    if (deletionTimestamp === undefined) {
      const refused = finalizers.add(kind, keyOf(object), finalizer);
      return refused === undefined ? done : retry(refused.message);
    }
    if (!held.includes(finalizer)) return done;
    const use = useOf();
    if (use !== undefined) return retry(use);
    const refused = finalizers.remove(kind, keyOf(object), finalizer);
    return refused === undefined ? done : retry(refused.message);
  };
}

function ruleConfigurations(tools: DeployTools): Controller<Kinds> {
  const { clock, store, kubernetes } = tools;
  const keep = keeping(tools, 'ListenerRuleConfiguration');
  const statuses = new StatusWriter(clock, store, kubernetes);
  const useOf = (key: string) =>
    routesWith(store, ALB_ROUTES, 'rule-configuration', key).length === 0
      ? undefined
      : `failed to remove finalizers as listener rule configuration [${key}] is still in use`;
  const judge = (configuration: ListenerRuleConfiguration): Result => {
    const stored = store.get('ListenerRuleConfiguration', keyOf(configuration));
    if (stored === undefined) return done;
    const missing = missingSecret(store, stored);
    const { generation: observedGeneration } = stored.metadata;
    const accepted = missing === undefined;
    const message = missing === undefined ? 'Accepted' : `secret [${missing}] not found`;
    statuses.write(stored, { ...stored.status, accepted, message, observedGeneration });
    return accepted ? done : requeue(SECRET_AGAIN_MS, 'Required secret not yet available', LATER);
  };
  const ofSecret = (key: string): readonly Request[] =>
    store.lookup('ListenerRuleConfiguration', 'secret', key).map(keyOf);
  return {
    name: 'load-balancer-listenerruleconfiguration',
    concurrency: tools.settings.gatewayClassMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: [
      watch<Kinds, 'ListenerRuleConfiguration'>('ListenerRuleConfiguration', itself),
      // That one is there again is seen when it is looked for next.
      watch<Kinds, 'Secret'>('Secret', ({ key, value }) =>
        value === undefined ? ofSecret(key) : [],
      ),
    ],
    reconcile: (key) => {
      const configuration = store.get('ListenerRuleConfiguration', key);
      if (configuration === undefined) return done;
      const kept = keep(configuration, () => useOf(key));
      const isGoing = configuration.metadata.deletionTimestamp !== undefined;
      return isGoing || kept.kind !== 'done' ? kept : judge(configuration);
    },
  };
}

/** Somebody has to make it: settling does not wait. */
const LATER = { background: true } as const;

/** The Secret that its log-in needs and that is not there. */
function missingSecret(
  store: TwinStore,
  { metadata, spec }: ListenerRuleConfiguration,
): string | undefined {
  const oidc = (spec?.actions ?? []).find(({ type }) => type === 'authenticate-oidc');
  const name = oidc?.authenticateOIDCConfig?.secret.name;
  const key = `${metadata.namespace}/${name}`;
  return name === undefined || store.get('Secret', key) !== undefined ? undefined : key;
}
