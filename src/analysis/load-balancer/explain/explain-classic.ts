/**
 * analysis/load-balancer/explain/explain-classic — a Classic Load Balancer of the in-tree
 * controller, field by field.
 */
import type { ClassicLoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { ExplainedResource, Mapping, Origin, Places } from './explanation.ts';
import { byDefault, ofAnnotation, ofField } from './origins.ts';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';

/** The load balancer, its listeners and its health check. */
export const explainClassic = (
  classic: ClassicLoadBalancer,
  service: Service,
  places: Places,
): ExplainedResource[] => [
  {
    name: `classic load balancer ${classic.loadBalancerName}`,
    mappings: ofBalancer(classic, service, places),
  },
  ...classic.listeners.map((listener) => ofListener(listener, service, places)),
  { name: 'health check', mappings: ofHealth(classic, service, places) },
];

function ofBalancer(
  { loadBalancerName, scheme, zones, crossZone }: ClassicLoadBalancer,
  service: Service,
  places: Places,
): Mapping[] {
  const from = (suffix: string, fallback: string): Origin =>
    ofAnnotation(service, `${PREFIX}${suffix}`, places) ?? byDefault(fallback);
  return [
    {
      field: 'LoadBalancerName',
      value: loadBalancerName,
      origin: byDefault('a, and the uid of the Service without dashes, cut at 32'),
    },
    { field: 'Scheme', value: scheme, origin: from('internal', 'default: internet-facing') },
    ...zones.map(({ zoneName, subnetId }) => ({
      field: 'AvailabilityZones',
      value: `${zoneName}: ${subnetId}`,
      origin: from('subnets', 'one subnet a zone, those with a role tag first'),
    })),
    {
      field: 'CrossZone',
      value: `${crossZone}`,
      origin: from('cross-zone-load-balancing-enabled', 'default: false'),
    },
  ];
}

function ofListener(
  listener: ClassicLoadBalancer['listeners'][number],
  service: Service,
  places: Places,
): ExplainedResource {
  const { protocol, loadBalancerPort, instanceProtocol, instancePort } = listener;
  const index = (service.spec.ports ?? []).findIndex(({ port }) => port === loadBalancerPort);
  const place = ['spec', 'ports', Math.max(index, 0)];
  return {
    name: `listener ${protocol}:${loadBalancerPort}`,
    mappings: [
      {
        field: 'LoadBalancerPort',
        value: `${loadBalancerPort}`,
        origin: ofField(service, [...place, 'port'], `${loadBalancerPort}`, places),
      },
      {
        field: 'InstancePort',
        value: `${instanceProtocol} ${instancePort}`,
        origin: ofField(service, [...place, 'nodePort'], `${instancePort}`, places),
      },
    ],
  };
}

function ofHealth(
  { healthCheck, instances }: ClassicLoadBalancer,
  service: Service,
  places: Places,
): Mapping[] {
  const isLocal = service.spec.externalTrafficPolicy === 'Local';
  return [
    {
      field: 'Target',
      value: healthCheck.target,
      origin: isLocal
        ? ofField(service, ['spec', 'externalTrafficPolicy'], 'Local', places)
        : byDefault('the first port of the Service'),
    },
    ...instances.map(({ instanceId, state, description }) => ({
      field: 'instance',
      value: `${instanceId} ${state}${description === undefined ? '' : ` (${description})`}`,
      origin: byDefault('nodes that are Ready and not excluded'),
    })),
  ];
}
