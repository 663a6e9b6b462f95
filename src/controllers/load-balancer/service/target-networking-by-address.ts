/**
 * load-balancer/service/target-networking-by-address — what targets let in where the load balancer
 * has no security group: its subnets, or clients themselves where their address stays.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:702-880.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import type {
  NetworkingPeerSpec,
  NetworkingPortSpec,
  NetworkingSpec,
} from '../stack/target-group-spec.ts';
import type { Balancer } from './balancer.ts';
import {
  isBoth,
  isDatagram,
  type NetworkingWish,
  numberOf,
  TRAFFIC_PORT,
} from './networking-wish.ts';
import { annotated, type ServiceBuild, sourceRanges } from './service-build.ts';

const ANYWHERE = ['0.0.0.0/0', '::/0'];

const peersOf = (cidrs: readonly string[]): readonly NetworkingPeerSpec[] =>
  cidrs.map((cidr) => ({ ipBlock: { cidr } }));

/** Rules by address; undefined where the Service manages its targets' groups itself. */
export async function networkingByAddress(
  build: ServiceBuild,
  { scheme, subnets }: Balancer,
  wish: NetworkingWish & { readonly service: Service },
): Promise<NetworkingSpec | undefined> {
  const suffix = 'aws-load-balancer-manage-backend-security-group-rules';
  if (annotated.bool(suffix, build.annotations) === false) return undefined;
  return rulesByAddress(wish, {
    subnets,
    scheme,
    ranges: sourceRanges(build, wish.service),
    vpcBlocks: () => build.reads.vpcBlocks(),
    isAlwaysChecked: wish.protocol === 'UDP',
  });
}

/** Whose addresses there are. */
export interface AddressSources extends Pick<Balancer, 'subnets' | 'scheme'> {
  /** The clients', where somebody says. */
  readonly ranges: readonly string[];
  vpcBlocks(): Promise<{ readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }>;
  /** Health checks have a rule of their own, whatever the traffic's lets in. */
  readonly isAlwaysChecked: boolean;
}

/** Rules that let in clients, or the load balancer's subnets where clients are not seen. */
export async function rulesByAddress(
  wish: NetworkingWish,
  known: AddressSources,
): Promise<NetworkingSpec> {
  const subnets = subnetBlocks(known, wish);
  const { protocol, targetPort, healthCheckPort } = wish;
  const seesClients = isBoth(protocol) || isDatagram(protocol) || wish.keepsClientIp;
  const ranges = seesClients ? known.ranges : [];
  const isDefault = seesClients && ranges.length === 0;
  const fallback = isDefault ? await defaultRanges(known, wish) : subnets;
  const sources = ranges.length > 0 ? ranges : fallback;
  const traffic = { from: peersOf(sources), ports: trafficPorts(wish) };
  const isChecked = known.isAlwaysChecked || needsCheckRule(wish, sources, isDefault);
  if (!isChecked || subnets.length === 0) return { ingress: [traffic] };
  const port = healthCheckPort === TRAFFIC_PORT ? targetPort : healthCheckPort;
  const check = { from: peersOf(subnets), ports: [{ protocol: 'TCP', port }] as const };
  return { ingress: [traffic, check] };
}

function trafficPorts({ protocol, targetPort: port }: NetworkingWish): NetworkingPortSpec[] {
  if (isBoth(protocol)) {
    return [
      { protocol: 'TCP', port },
      { protocol: 'UDP', port },
    ];
  }
  return [{ protocol: isDatagram(protocol) ? 'UDP' : 'TCP', port }];
}

const subnetBlocks = (
  { subnets }: Pick<AddressSources, 'subnets'>,
  { ipAddressType }: NetworkingWish,
): readonly string[] =>
  subnets.flatMap(({ cidrBlock, ipv6CidrBlock }) => {
    if (ipAddressType === 'ipv4') return [cidrBlock];
    return ipv6CidrBlock === undefined ? [] : [ipv6CidrBlock.cidrBlock];
  });

/** Everybody, or for an internal load balancer the VPC. */
async function defaultRanges(
  { scheme, vpcBlocks }: AddressSources,
  { ipAddressType }: NetworkingWish,
): Promise<readonly string[]> {
  if (scheme === 'internet-facing') return [ipAddressType === 'ipv4' ? '0.0.0.0/0' : '::/0'];
  return (await vpcBlocks())[ipAddressType];
}

/** False where the traffic's own rule lets the health checks in. */
function needsCheckRule(
  { targetPort, healthCheckPort, keepsClientIp }: NetworkingWish,
  sources: readonly string[],
  isDefault: boolean,
): boolean {
  const sharesPort =
    healthCheckPort === TRAFFIC_PORT || numberOf(healthCheckPort) === numberOf(targetPort);
  if (!sharesPort) return true;
  return keepsClientIp && !isDefault && !sources.some((cidr) => ANYWHERE.includes(cidr));
}
