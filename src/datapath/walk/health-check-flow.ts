/**
 * datapath/walk/health-check-flow — a load balancer's health check of one target: a connection from
 * its own interface in each zone, and what describe-target-health says of it.
 *
 * Source: ELB API 2015-12-01 TargetHealth (reason codes and their descriptions); Elastic Load
 * Balancing, "Health checks for your target groups". A check comes from the load balancer's own
 * address, client addresses kept or not. A target that answers is taken to answer with the code
 * that is asked for, unless it is known what it says (kube-proxy's healthCheckNodePort).
 */

import { addressesOfInterface } from '../../model/ec2/network-interface.ts';
import type { LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import type { HealthCheck, TargetHealth } from '../../model/elbv2/target-group.ts';
import { familyOf, formatIp, PROTOCOL_TCP } from '../../net/index.ts';
import { Chance } from '../chance.ts';
import { isCrossZone } from '../elb/candidates.ts';
import { plainRequest } from '../elb/http-request.ts';
import type { ReadyBalancer } from '../elb/ready-balancer.ts';
import type { ReadyTarget } from '../elb/ready-group.ts';
import { matchesStatus } from '../elb/status-matcher.ts';
import { listening } from '../linux/listening.ts';
import type { Verdict } from '../trace.ts';
import { Exchange, type Heard } from './exchange.ts';
import type { Branch, Flow } from './flow.ts';
import type { World } from './world.ts';

/** Which target is asked, and by whom. */
export interface HealthQuestion {
  /** The ARN; the name of a Classic Load Balancer. */
  readonly balancerKey: string;
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
}

/** What one check found. */
export interface HealthFinding {
  readonly health: TargetHealth;
  /** What is in the way, or that nothing is. */
  readonly verdict: Verdict;
  /** The walk of the check that decided. */
  readonly branch: Pick<Branch, 'forward' | 'return' | 'sent' | 'arrived' | 'receiver'>;
  /** The zone of the load balancer's node that asked. */
  readonly fromZone: string;
}

/** Of these zones those whose nodes do not fare as an earlier one does to the target. */
type DistinctZones = (
  zones: readonly LoadBalancerZone[],
  targetId: string,
) => readonly LoadBalancerZone[];

const FIRST_PORT = 1024;
const SYN_BYTES = 60;
const HEALTHY: TargetHealth = { state: 'healthy' };
const FAILED: TargetHealth = {
  state: 'unhealthy',
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};

/**
 * The check of every node that would send to the target: the first that fails, else the last.
 * undefined: nobody asks it, as one of the three is not there or has no address.
 *
 * @param distinct  zones whose nodes fare alike, each sort once; default: every zone
 */
export function healthCheckFlow(
  world: World,
  { balancerKey, targetGroupArn, id, port }: HealthQuestion,
  distinct: DistinctZones = (zones) => zones,
): HealthFinding | undefined {
  const balancer = world.balancers.balancer(balancerKey);
  const group = world.balancers.group(targetGroupArn);
  const target = group?.targets.find((it) => it.id === id && it.port === port);
  if (balancer === undefined || group === undefined || target === undefined) return undefined;
  const zones = isCrossZone(balancer, group)
    ? balancer.zones
    : balancer.zones.filter(({ zoneName }) => [undefined, zoneName].includes(target.zone));
  let finding: HealthFinding | undefined;
  for (const { zoneName, networkInterfaceId } of distinct(zones, id)) {
    const flow = checkOf(world, group.healthCheck, target, networkInterfaceId);
    if (flow === undefined) continue;
    finding = check(world, group.healthCheck, balancer, flow, zoneName);
    if (finding.health.state !== 'healthy') return finding;
  }
  return finding;
}

function checkOf(
  { store, fabric, balancers }: World,
  healthCheck: HealthCheck,
  { id, address: own, port }: ReadyTarget,
  networkInterfaceId: string,
): Flow | undefined {
  const behind = balancers.balancer(id)?.zones[0]?.networkInterfaceId;
  const address = own ?? (behind && fabric.addresses.holder(behind)?.addresses[0]);
  const eni = store.get('ec2/network-interface', networkInterfaceId);
  if (address === undefined || eni === undefined) return undefined;
  const source = addressesOfInterface(eni).find((it) => familyOf(it) === familyOf(address));
  if (source === undefined) return undefined;
  const isHttp = healthCheck.protocol !== 'TCP';
  const scheme = healthCheck.protocol === 'HTTPS' ? 'https' : 'http';
  const path = healthCheck.path ?? '/';
  return {
    origin: { kind: 'interface', networkInterfaceId, label: networkInterfaceId },
    packet: {
      protocol: PROTOCOL_TCP,
      source,
      destination: address,
      sourcePort: FIRST_PORT,
      destinationPort: healthCheck.port === 'traffic-port' ? port : Number(healthCheck.port),
      icmpType: -1,
      icmpCode: -1,
      sizeBytes: SYN_BYTES,
      dontFragment: true,
    },
    request: isHttp ? plainRequest(scheme, formatIp(address), path) : undefined,
  };
}

function check(
  world: World,
  healthCheck: HealthCheck,
  balancer: ReadyBalancer,
  flow: Flow,
  fromZone: string,
): HealthFinding {
  // A Service behind a NodePort sends every check to another pod; one of them stands for all.
  const exchange = new Exchange(world, new Chance(), true);
  const heard = exchange.open(flow);
  const { verdict, receiver, arrived } = heard;
  return {
    health: healthOf(world, healthCheck, balancer, heard),
    verdict,
    branch: {
      forward: exchange.there.hops(),
      return: exchange.back.hops(),
      sent: flow.packet,
      arrived,
      receiver,
    },
    fromZone,
  };
}

function healthOf(
  world: World,
  healthCheck: HealthCheck,
  { kind }: ReadyBalancer,
  heard: Heard,
): TargetHealth {
  // Nobody is kept out by what no document tells.
  if (heard.verdict.disposition === 'not-simulated') return HEALTHY;
  if (heard.hears === 'answer') {
    const status = healthCheck.protocol === 'TCP' ? undefined : statusOf(world, heard);
    if (status === undefined || matchesStatus(healthCheck.matcher ?? '200', status)) return HEALTHY;
    if (kind !== 'application') return FAILED;
    return {
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: `Health checks failed with these codes: [${status}]`,
    };
  }
  // Timeouts and codes are told apart by Application Load Balancers only.
  if (heard.hears === undefined && kind === 'application')
    return { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' };
  return FAILED;
}

/** What the target answers; undefined: nobody knows, so it is taken as what is asked for. */
function statusOf({ namespaces }: World, { http, receiver, arrived }: Heard): number | undefined {
  if (http?.response !== undefined) return http.response.status;
  if (receiver?.kind !== 'namespace' || arrived === undefined) return undefined;
  const namespace = namespaces.get(receiver.id);
  const found = namespace && listening(namespace, arrived);
  return found?.kind === 'listens' ? found.socket.httpStatus : undefined;
}
