/** load-balancer/service/service.fixture — Services and answers of AWS for tests of the builder. */
import type { Service, ServicePort } from '../../../model/kubernetes/core.ts';
import { BuildError } from '../build-error.ts';
import { type ControllerSettings, defaultSettings } from '../settings/settings.ts';
import { stackJson } from '../stack/stack-json.ts';
import type { CandidateSubnet } from '../subnets/subnet-reads.ts';
import { buildService } from './build-service.ts';
import type { ServiceReads } from './service-reads.ts';

const subnets: readonly CandidateSubnet[] = ['a', 'b'].map((letter, i) => {
  const subnet = {
    subnetId: `subnet-${letter}`,
    cidrBlock: `10.0.${i}.0/24`,
    ipv6CidrBlock: { associationId: `assoc-${letter}`, cidrBlock: `2600:1f13:0:${i}::/64` },
    availabilityZone: `us-west-2${letter}`,
    availableIpAddressCount: 250,
  };
  return subnet as unknown as CandidateSubnet;
});

/** Two subnets, no load balancer yet, a shared group `sg-backend`. */
export const reads: ServiceReads = {
  existingLoadBalancer: async () => undefined,
  discoverSubnets: async () => ({ kind: 'subnets', source: 'role-tag', subnets, considered: [] }),
  namedSubnets: async () => ({ kind: 'subnets', source: 'named', subnets, considered: [] }),
  securityGroups: async (groupIds) => ({ groupIds }),
  vpcBlocks: async () => ({ ipv4: ['10.0.0.0/16'], ipv6: ['2600:1f13::/56'] }),
  backendSecurityGroup: async () => 'sg-backend',
  service: () => undefined,
};

export const settings = defaultSettings({
  clusterName: 'shop',
  vpcId: 'vpc-1',
  region: 'us-west-2',
});

/** A LoadBalancer Service of this controller; annotations without their common beginning. */
export function serviceWith(
  annotations: Readonly<Record<string, string>>,
  spec: Partial<Service['spec']> = {},
): Service {
  const ports: readonly ServicePort[] = [
    { name: 'http', port: 80, targetPort: 8080, nodePort: 31080, protocol: 'TCP' },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'a0b1',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [
          `service.beta.kubernetes.io/${name}`,
          value,
        ]),
      ),
    },
    spec: { type: 'LoadBalancer', loadBalancerClass: 'service.k8s.aws/nlb', ports, ...spec },
  };
}

/** Resources by type and id as the stack's JSON has them; an error's text where there is none. */
export async function builtOf(
  service: Service,
  changed: Partial<ServiceReads> = {},
  flags: Partial<ControllerSettings> = {},
): Promise<Record<string, Record<string, { readonly spec: unknown }>> | string> {
  const built = await buildService(service, { ...settings, ...flags }, { ...reads, ...changed });
  if (built instanceof BuildError) return built.message;
  return JSON.parse(stackJson(built.stack)).resources;
}
