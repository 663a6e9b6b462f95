/**
 * analysis/load-balancer/lint/target-checks — targets of Ingresses: what a target type asks of the
 * Service, of IPv6 and of health checks.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/ingress/model_build_target_group.go.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { serviceOf } from './backend-checks.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import { backendsOf, type LintedBackend, USE_ANNOTATION } from './ingress-paths.ts';
import {
  annotationsOf,
  error,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  warning,
} from './linted.ts';

const PREFIX = 'alb.ingress.kubernetes.io/';
const TARGET_TYPE = `${PREFIX}target-type`;
const HEALTH_PORT = `${PREFIX}healthcheck-port`;

interface Subject {
  readonly it: Linted<Ingress>;
  readonly backend: LintedBackend;
  readonly service: Service;
  /** The Service's annotations over the Ingress's. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly targetType: string;
  readonly isTypeSaid: boolean;
}

/** What is wrong with the targets that Ingresses of the ALB ask for. */
export function targetChecks(input: LintInput): Finding[] {
  return input.ingresses.flatMap((it) => {
    const claim = ingressClaim(input, it.object);
    if (!isAlb(claim)) return [];
    const ofClass = claim.by === 'class' ? claim.params?.spec?.targetType : undefined;
    const seen = new Set<string>();
    return backendsOf(it.object).flatMap((backend) => {
      const { serviceName, port } = backend;
      const key = `${serviceName} ${port.name ?? port.number}`;
      if (serviceName === undefined || port.name === USE_ANNOTATION || seen.has(key)) return [];
      seen.add(key);
      const service = serviceOf(input, it.object, serviceName);
      if (service === undefined) return [];
      const annotations = { ...annotationsOf(it.object), ...annotationsOf(service) };
      const said = typeof ofClass === 'string' ? ofClass : annotations[TARGET_TYPE];
      const targetType = said ?? 'instance';
      const isTypeSaid = said !== undefined;
      return ofSubject({ it, backend, service, annotations, targetType, isTypeSaid });
    });
  });
}

const ofSubject = (subject: Subject): Finding[] => [
  ...ofServiceType(subject),
  ...ofFamily(subject),
  ...ofHealthPort(subject),
  ...ofNodeLabels(subject),
  ...ofHeadless(subject),
];

/** Instances are reached by a NodePort, which a ClusterIP Service has not. */
function ofServiceType({ it, backend, service, targetType, isTypeSaid }: Subject): Finding[] {
  const type = service.spec.type ?? 'ClusterIP';
  if (targetType !== 'instance' || type === 'NodePort' || type === 'LoadBalancer') return [];
  const { name } = service.metadata;
  const why = isTypeSaid ? '' : ', as it is where target-type is not said';
  const text = `TargetGroup port is empty. When using Instance targets, your service be must of type 'NodePort' or 'LoadBalancer': target-type is instance${why}, and Service ${name} is of type ${type}; the whole group gets no load balancer`;
  const hint = `write ${TARGET_TYPE}: ip, or type: NodePort in Service ${name}`;
  const place = isTypeSaid
    ? placeOfAnnotation(it, TARGET_TYPE)
    : it.at([...backend.place, 'service']);
  return [error(it, place, { check: 'instance-needs-node-port', text, hint })];
}

/** IPv6 targets: a dualstack load balancer, and addresses for targets. */
function ofFamily({ it, backend, service, annotations, targetType }: Subject): Finding[] {
  if (service.spec.ipFamilies?.includes('IPv6') !== true) return [];
  const { name } = service.metadata;
  const place = it.at([...backend.place, 'service']);
  const addressType = annotations[`${PREFIX}ip-address-type`] ?? 'ipv4';
  if (addressType === 'ipv4') {
    const text = `unsupported IPv6 configuration, lb not dual-stack: Service ${name} is of family IPv6`;
    const hint = `write ${PREFIX}ip-address-type: dualstack`;
    return [error(it, place, { check: 'ipv6-needs-dualstack', text, hint })];
  }
  if (targetType !== 'instance') return [];
  const text = `Service ${name} is of family IPv6, and its targets are instances: the target group is of IPv6, where a node is taken only with a primary IPv6 address`;
  const hint = `write ${TARGET_TYPE}: ip`;
  return [error(it, place, { check: 'ipv6-needs-ip-targets', text, hint })];
}

function ofHealthPort({ it, service, annotations, targetType }: Subject): Finding[] {
  const raw = annotations[HEALTH_PORT];
  if (raw === undefined || raw === 'traffic-port' || /^\d+$/.test(raw)) return [];
  const place =
    annotationsOf(it.object)[HEALTH_PORT] === raw ? placeOfAnnotation(it, HEALTH_PORT) : it.where;
  const { namespace, name } = service.metadata;
  const port = (service.spec.ports ?? []).find((one) => one.name === raw);
  if (port === undefined) {
    const text = `failed to resolve healthCheckPort: unable to find port ${raw} on service ${namespace}/${name}`;
    const names = (service.spec.ports ?? []).map((one) => one.name ?? one.port).join(', ');
    const hint = `its ports are ${names || 'none'}; or write traffic-port`;
    return [error(it, place, { check: 'healthcheck-port', text, hint })];
  }
  if (targetType !== 'ip' || typeof port.targetPort === 'number' || port.targetPort === undefined) {
    return [];
  }
  const text = `cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port: port ${raw} of ${namespace}/${name} goes to ${port.targetPort}`;
  const hint = 'write the number of the pod’s port, or traffic-port';
  return [error(it, place, { check: 'healthcheck-port', text, hint })];
}

function ofNodeLabels({ it, annotations, targetType }: Subject): Finding[] {
  const key = `${PREFIX}target-node-labels`;
  if (targetType !== 'ip' || annotations[key] === undefined) return [];
  const text = `${key} chooses nodes, and targets are pods (target-type ip): it is not read`;
  const place = placeOfAnnotation(it, key);
  return [warning(it, place, { check: 'node-labels-of-ip', text, hint: 'leave it out' })];
}

/** Selectors and endpoints: what a target group can be filled from. */
function ofHeadless({ it, backend, service }: Subject): Finding[] {
  if (service.spec.type !== 'ExternalName') return [];
  const text = `Service ${service.metadata.name} is of type ExternalName: it has no endpoints, so that the target group stays empty`;
  const hint =
    'send requests elsewhere with a redirect action, or name addresses in an EndpointSlice';
  const place = it.at([...backend.place, 'service']);
  return [error(it, place, { check: 'external-name', text, hint })];
}
