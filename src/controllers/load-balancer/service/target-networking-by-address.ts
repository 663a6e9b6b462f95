/**
 * load-balancer/service/target-networking-by-address — what targets let in where the load balancer
 * has no security group: its subnets, or clients themselves where their address stays.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:702-880.
 */
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
  balancer: Balancer,
  wish: NetworkingWish,
): Promise<NetworkingSpec | undefined> {
  const suffix = 'aws-load-balancer-manage-backend-security-group-rules';
  if (annotated.bool(suffix, build.annotations) === false) return undefined;
  const subnets = subnetBlocks(balancer, wish);
  const { protocol, targetPort, healthCheckPort } = wish;
  const seesClients = isBoth(protocol) || isDatagram(protocol) || wish.keepsClientIp;
  const ranges = seesClients ? sourceRanges(build, wish.service) : [];
  const isDefault = seesClients && ranges.length === 0;
  const fallback = isDefault ? await defaultRanges(build, balancer, wish) : subnets;
  const sources = ranges.length > 0 ? ranges : fallback;
  const traffic = { from: peersOf(sources), ports: trafficPorts(wish) };
  const isChecked = needsCheckRule(wish, sources, isDefault) && subnets.length > 0;
  if (!isChecked) return { ingress: [traffic] };
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
  { subnets }: Balancer,
  { ipAddressType }: NetworkingWish,
): readonly string[] =>
  subnets.flatMap(({ cidrBlock, ipv6CidrBlock }) => {
    if (ipAddressType === 'ipv4') return [cidrBlock];
    return ipv6CidrBlock === undefined ? [] : [ipv6CidrBlock.cidrBlock];
  });

/** Everybody, or for an internal load balancer the VPC. */
async function defaultRanges(
  { reads }: ServiceBuild,
  { scheme }: Balancer,
  { ipAddressType }: NetworkingWish,
): Promise<readonly string[]> {
  if (scheme === 'internet-facing') return [ipAddressType === 'ipv4' ? '0.0.0.0/0' : '::/0'];
  return (await reads.vpcBlocks())[ipAddressType];
}

/** False where the traffic's own rule lets the health checks in. */
function needsCheckRule(
  { protocol, targetPort, healthCheckPort, keepsClientIp }: NetworkingWish,
  sources: readonly string[],
  isDefault: boolean,
): boolean {
  const sharesPort =
    healthCheckPort === TRAFFIC_PORT || numberOf(healthCheckPort) === numberOf(targetPort);
  if (protocol === 'UDP' || !sharesPort) return true;
  return keepsClientIp && !isDefault && !sources.some((cidr) => ANYWHERE.includes(cidr));
}
