/**
 * load-balancer/gateway/attachment/load-backend — what a rule sends its requests to: a port of a
 * Service, another Gateway's load balancer, or a target group by name.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * backend.go, backend_service.go, backend_gateway.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import type { Gateway } from '../../../../model/kubernetes/gateway.ts';
import type {
  TargetGroupConfiguration,
  TargetGroupProps,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import type { AnyRoute, BackendRef } from '../../../../model/kubernetes/route.ts';
import { BuildError } from '../../build-error.ts';
import { type LoadError, type RouteReason, routeError } from './load-error.ts';
import type { LoadedBackend } from './loaded-route.ts';
import { isReferenceGranted, type Referred } from './reference-grants.ts';
import { mergedProps, propsForRoute } from './target-group-props.ts';

/** Of the condition Programmed, while AWS makes the load balancer. */
export const PROVISIONING_MESSAGE = 'Waiting for load balancer to be active.';

const WEIGHT_MAX = 999;
const TARGET_GROUP_NAME = 'TargetGroupName';

export interface BackendQuestion {
  readonly store: TwinStore;
  readonly route: AnyRoute;
  /** The Gateway's default for all Services. */
  readonly defaults: TargetGroupConfiguration | undefined;
}

/**
 * The backend, or why it is left out.
 *
 * @throws BuildError  where the whole Gateway has to wait, or nothing can be built at all
 */
export function loadBackend(
  question: BackendQuestion,
  ref: BackendRef,
): LoadedBackend | { readonly left: LoadError } {
  const target = targetOf(question, ref);
  if ('left' in target) return target;
  const { weight = 1 } = ref;
  if (weight > WEIGHT_MAX) {
    throw new BuildError(`Weight [${weight}] must be less than or equal to ${WEIGHT_MAX}`);
  }
  return { target, weight };
}

type Target = LoadedBackend['target'] | { readonly left: LoadError };

function targetOf(question: BackendQuestion, ref: BackendRef): Target {
  const { kind = 'Service', name } = ref;
  if (kind === 'Service') return serviceTarget(question, ref);
  if (kind === 'Gateway') return gatewayTarget(question, ref);
  if (kind === TARGET_GROUP_NAME) return { kind: 'target-group', name };
  return leave(question, 'InvalidKind', 'Unknown backend reference kind');
}

const leave = ({ route }: BackendQuestion, reason: RouteReason, text: string) => ({
  left: routeError(route, reason, text),
});

/** What is wrong about the reference alone; nothing tells whether the object exists. */
function refusedReference(
  question: BackendQuestion,
  { port }: BackendRef,
  referred: Referred,
): { readonly left: LoadError } | undefined {
  if (port === undefined) return leave(question, 'UnsupportedValue', 'Port is required');
  if (isReferenceGranted(question.store, question.route, referred)) return undefined;
  const text = 'No explicit ReferenceGrant exists to allow the reference.';
  return leave(question, 'RefNotPermitted', text);
}

function referredBy({ route }: BackendQuestion, ref: BackendRef, group: string): Referred {
  const { kind = 'Service', name, namespace = route.metadata.namespace ?? '' } = ref;
  return { group, kind, namespace, name };
}

function serviceTarget(question: BackendQuestion, ref: BackendRef): Target {
  const referred = referredBy(question, ref, '');
  const refused = refusedReference(question, ref, referred);
  if (refused !== undefined) return refused;
  const { namespace, name } = referred;
  const service = question.store.get('Service', `${namespace}/${name}`);
  if (service === undefined) {
    return leave(question, 'BackendNotFound', `Service (${namespace}:${name}) not found)`);
  }
  const port = (service.spec.ports ?? []).find((it) => it.port === ref.port);
  if (port === undefined) {
    const text = `Unable to find service port for port ${ref.port}`;
    return leave(question, 'BackendNotFound', text);
  }
  const { defaults, route } = question;
  const ofGateway = defaults && propsForRoute(defaults, route);
  const props = mergedProps(configuredProps(question, referred), ofGateway) ?? {};
  return { kind: 'service', service, port, props };
}

/** The configuration that is for this target: the first of its namespace. */
function configuredProps(
  { store, route }: BackendQuestion,
  { kind, namespace, name }: Referred,
): TargetGroupProps | undefined {
  const [first] = store.lookup(
    'TargetGroupConfiguration',
    'target',
    `${kind}/${namespace}/${name}`,
  );
  return first && propsForRoute(first, route);
}

function gatewayTarget(question: BackendQuestion, ref: BackendRef): Target {
  const referred = referredBy(question, ref, 'gateway.networking.k8s.io');
  const refused = refusedReference(question, ref, referred);
  if (refused !== undefined) return refused;
  const { namespace, name } = referred;
  const gateway = question.store.get('Gateway', `${namespace}/${name}`);
  if (gateway === undefined) {
    return leave(question, 'BackendNotFound', `Gateway (${namespace}:${name}) not found)`);
  }
  const loadBalancerArn = programmedArn(gateway);
  if (loadBalancerArn === undefined) {
    const where = `Gateway (${namespace}:${name})`;
    const text = `${where} is not usable yet, LB ARN is not provisioned)`;
    const error = routeError(question.route, 'BackendNotFound', text);
    error.isUnderWay = isProvisioning(gateway);
    throw error;
  }
  if (loadBalancerArn.split('/')[1] !== 'app') {
    const must = 'the resource type must be application load balancer';
    const text = `invalid gateway ARN: ${loadBalancerArn}, ${must}`;
    return leave(question, 'BackendNotFound', text);
  }
  const props = configuredProps(question, referred) ?? {};
  return { kind: 'gateway', gateway, loadBalancerArn, port: ref.port ?? 0, props };
}

const isProvisioning = ({ status }: Gateway): boolean =>
  (status?.conditions ?? []).some(
    (it) => it.type === 'Programmed' && it.message === PROVISIONING_MESSAGE,
  );

/** The controller keeps the ARN in the condition's message. */
function programmedArn({ status }: Gateway): string | undefined {
  const programmed = (status?.conditions ?? []).find(
    (it) => it.type === 'Programmed' && it.status === 'True',
  );
  return programmed?.message || undefined;
}
