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
export function explainClassic(
  classic: ClassicLoadBalancer,
  service: Service,
  places: Places,
): ExplainedResource[] {
  const from = (suffix: string, fallback: string): Origin =>
    ofAnnotation(service, `${PREFIX}${suffix}`, places) ?? byDefault(fallback);
  const { healthCheck: check } = classic;
  const mappings: Mapping[] = [
    {
      field: 'LoadBalancerName',
      value: classic.loadBalancerName,
      origin: byDefault('a, and the uid of the Service without dashes, cut at 32'),
    },
    {
      field: 'Scheme',
      value: classic.scheme,
      origin: from('internal', 'default of the in-tree controller: internet-facing'),
    },
    ...classic.zones.map(({ zoneName, subnetId }) => ({
      field: 'AvailabilityZones',
      value: `${zoneName}: ${subnetId}`,
      origin: from('subnets', 'one subnet a zone, those with a role tag first'),
    })),
    { field: 'CrossZone', value: `${classic.crossZone}`, origin: from('cross-zone-load-balancing-enabled', 'default: false') },
  ];
  const listeners = classic.listeners.map((listener): ExplainedResource => {
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
  });
  const health: ExplainedResource = {
    name: 'health check',
    mappings: [
      {
        field: 'Target',
        value: check.target,
        origin:
          service.spec.externalTrafficPolicy === 'Local'
            ? ofField(service, ['spec', 'externalTrafficPolicy'], 'Local', places)
            : byDefault("kube-proxy's health port, or the first port of the Service"),
      },
      ...classic.instances.map(({ instanceId, state, description }) => ({
        field: 'instance',
        value: `${instanceId} ${state}${description === undefined ? '' : ` (${description})`}`,
        origin: byDefault('nodes that are Ready and not excluded'),
      })),
    ],
  };
  return [{ name: `classic load balancer ${classic.loadBalancerName}`, mappings }, ...listeners, health];
}
