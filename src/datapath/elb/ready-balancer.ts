/**
 * datapath/elb/ready-balancer — a load balancer of any sort as connections find it: where it
 * stands, what it listens on. A Classic one is put in the words of the others.
 */
import { classicGroupKey } from '../../model/elbv2/classic-group.ts';
import type { Listener } from '../../model/elbv2/listener.ts';
import type {
  ClassicLoadBalancer,
  LoadBalancer,
  LoadBalancerZone,
  Scheme,
} from '../../model/elbv2/load-balancer.ts';
import type { Target, TargetGroup } from '../../model/elbv2/target-group.ts';
import type { Element } from '../trace.ts';
import type { ReadyListener } from './ready-listener.ts';

export interface ReadyBalancer {
  readonly kind: 'application' | 'network' | 'classic';
  /** The ARN; the name of a Classic one. */
  readonly key: string;
  readonly name: string;
  /** `ALB k8s-shop-web-…`: what a hop is called. */
  readonly label: string;
  readonly element: Element;
  readonly vpcId: string;
  readonly scheme: Scheme;
  readonly dnsName: string;
  readonly zones: readonly LoadBalancerZone[];
  readonly securityGroups: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly isActive: boolean;
  /** By port. */
  readonly listeners: readonly ReadyListener[];
}

const WORDS = { application: 'ALB', network: 'NLB' } as const;

/** Of an Application or Network Load Balancer. */
export function readyBalancer(
  balancer: LoadBalancer,
  listeners: readonly ReadyListener[],
): ReadyBalancer {
  const { loadBalancerArn: key, loadBalancerName: name, type } = balancer;
  return {
    kind: type,
    key,
    name,
    label: `${WORDS[type]} ${name}`,
    element: { kind: 'load-balancer', object: key },
    vpcId: balancer.vpcId,
    scheme: balancer.scheme,
    dnsName: balancer.dnsName,
    zones: balancer.zones,
    securityGroups: balancer.securityGroups,
    attributes: balancer.attributes,
    tags: balancer.tags,
    isActive: balancer.state === 'active' || balancer.state === 'active_impaired',
    listeners: listeners.toSorted((a, b) => a.port - b.port),
  };
}

/** Of a Classic Load Balancer. */
export function readyClassic(
  balancer: ClassicLoadBalancer,
  listeners: readonly ReadyListener[],
): ReadyBalancer {
  const { loadBalancerName: name } = balancer;
  return {
    kind: 'classic',
    key: name,
    name,
    label: `CLB ${name}`,
    element: { kind: 'load-balancer', object: name },
    vpcId: balancer.vpcId,
    scheme: balancer.scheme,
    dnsName: balancer.dnsName,
    zones: balancer.zones,
    securityGroups: balancer.securityGroups,
    attributes: {
      ...balancer.attributes,
      'load_balancing.cross_zone.enabled': String(balancer.crossZone),
    },
    tags: balancer.tags,
    isActive: true,
    listeners: listeners.toSorted((a, b) => a.port - b.port),
  };
}

/** The listeners of a Classic Load Balancer as listeners that forward to a group of its own. */
export function classicListeners(balancer: ClassicLoadBalancer): readonly Listener[] {
  const { loadBalancerName, createdAtMs } = balancer;
  return balancer.listeners.map((it) => ({
    listenerArn: `${loadBalancerName}:${it.loadBalancerPort}`,
    loadBalancerArn: loadBalancerName,
    port: it.loadBalancerPort,
    protocol: it.protocol === 'SSL' ? 'TLS' : it.protocol,
    certificateArns: it.sslCertificateId === undefined ? [] : [it.sslCertificateId],
    defaultActions: [
      {
        type: 'forward',
        targetGroups: [{ targetGroupArn: classicGroupKey(loadBalancerName, it.instancePort) }],
      },
    ],
    attributes: {},
    createdAtMs,
    tags: {},
  }));
}

/** The instances of a Classic Load Balancer as a target group of one port. */
export function classicGroup(
  balancer: ClassicLoadBalancer,
  port: number,
): { readonly group: TargetGroup; readonly targets: readonly Target[] } {
  const { loadBalancerName: name, healthCheck, createdAtMs } = balancer;
  const listener = balancer.listeners.find((it) => it.instancePort === port);
  const protocol = listener?.instanceProtocol ?? 'TCP';
  const targetGroupArn = classicGroupKey(name, port);
  const [check = 'TCP', at = String(port)] = healthCheck.target.split(':');
  const [checkPort = at, ...path] = at.split('/');
  const group: TargetGroup = {
    targetGroupArn,
    targetGroupName: name,
    targetType: 'instance',
    protocol: protocol === 'SSL' ? 'TLS' : protocol,
    port,
    vpcId: balancer.vpcId,
    ipAddressType: 'ipv4',
    healthCheck: {
      enabled: true,
      protocol: check === 'HTTP' || check === 'HTTPS' ? check : 'TCP',
      port: checkPort,
      path: path.length === 0 ? undefined : `/${path.join('/')}`,
      matcher: '200',
      intervalSeconds: healthCheck.intervalSeconds,
      timeoutSeconds: healthCheck.timeoutSeconds,
      healthyThresholdCount: healthCheck.healthyThreshold,
      unhealthyThresholdCount: healthCheck.unhealthyThreshold,
    },
    attributes: {},
    createdAtMs,
    tags: {},
  };
  const targets = balancer.instances.map(
    ({ instanceId, state, reasonCode, description }): Target => ({
      targetGroupArn,
      id: instanceId,
      port,
      health:
        state === 'InService'
          ? { state: 'healthy' }
          : { state: 'unhealthy', reason: reasonCode, description },
      registeredAtMs: createdAtMs,
    }),
  );
  return { group, targets };
}
