/**
 * controllers/in-tree-load-balancer/classic-balancer — a Service's Classic load balancer, made and
 * kept as the Service wants it. Internal and internet-facing are never exchanged.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:2560-2815 and
 * aws_loadbalancer.go:1169-1500,1632-1760.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { annotation, isInternal, keyValues } from './annotations.ts';
import { ensureBalancerGroups, removeReplacedGroups } from './balancer-groups.ts';
import { balancerSubnets } from './balancer-subnets.ts';
import { reconcileClassicNodeRules } from './classic-node-rules.ts';
import { type ClassicListener, classicAttributes, classicHealthCheck } from './classic-plan.ts';
import { balancerName, balancerTags, type Provider } from './provider.ts';
import { must } from './provider-error.ts';
import { wantsProxyProtocol } from './service-checks.ts';

/** The load balancer as it is now; undefined where there is none. */
export async function classicBalancer(
  { classicElb }: Provider,
  service: Service,
): Promise<ClassicLoadBalancer | undefined> {
  const loadBalancerNames = [balancerName(service)];
  const found = await classicElb.describeLoadBalancers({ loadBalancerNames });
  if ('kind' in found && found.code === 'LoadBalancerNotFound') return undefined;
  return must(found)[0];
}

/** Makes it what the Service wants. @returns its DNS name */
export async function ensureClassicBalancer(
  provider: Provider,
  service: Service,
  listeners: readonly ClassicListener[],
  instances: readonly Instance[],
): Promise<string> {
  const usesProxy = wantsProxyProtocol(service);
  const attributes = classicAttributes(service);
  const subnets = await balancerSubnets(provider, service);
  const groups = await ensureBalancerGroups(provider, service);
  const existing = await classicBalancer(provider, service);
  if (existing === undefined) {
    await create(provider, service, { listeners, subnets, groups });
  } else {
    await change(provider, service, existing, { listeners, subnets, groups });
  }
  await syncProxyProtocol(provider, service, existing, listeners, usesProxy);
  const made = (await classicBalancer(provider, service))!;
  await syncAttributes(provider, made, attributes);
  await syncTls(provider, service, made);
  await syncHealthCheck(provider, made, classicHealthCheck(service, listeners));
  await reconcileClassicNodeRules(provider, service, made, instances);
  await syncInstances(provider, made, instances);
  return made.dnsName;
}

interface Parts {
  readonly listeners: readonly ClassicListener[];
  readonly subnets: readonly string[];
  readonly groups: readonly string[];
}

async function create(provider: Provider, service: Service, parts: Parts): Promise<void> {
  const tags = keyValues(service, 'additional-resource-tags');
  must(
    await provider.classicElb.createLoadBalancer({
      loadBalancerName: balancerName(service),
      listeners: parts.listeners,
      subnets: parts.subnets,
      securityGroups: parts.groups,
      ...(isInternal(service) ? { scheme: 'internal' } : {}),
      tags: balancerTags(provider, service, tags),
    }),
  );
}

async function change(
  provider: Provider,
  service: Service,
  balancer: ClassicLoadBalancer,
  { listeners, subnets, groups }: Parts,
): Promise<void> {
  const { classicElb } = provider;
  const { loadBalancerName } = balancer;
  const current = balancer.zones.map(({ subnetId }): string => subnetId);
  const gone = current.filter((subnetId) => !subnets.includes(subnetId));
  if (gone.length > 0) {
    must(
      await classicElb.detachLoadBalancerFromSubnets({ loadBalancerName, subnets: gone }),
      'error detaching AWS loadbalancer from subnets',
    );
  }
  const added = subnets.filter((subnetId) => !current.includes(subnetId));
  if (added.length > 0) {
    must(
      await classicElb.attachLoadBalancerToSubnets({ loadBalancerName, subnets: added }),
      'error attaching AWS loadbalancer to subnets',
    );
  }
  await changeGroups(provider, service, balancer, groups);
  await changeListeners(provider, balancer, listeners);
  const tags = keyValues(service, 'additional-resource-tags');
  if (Object.keys(tags).length === 0) return;
  must(await classicElb.addTags({ loadBalancerName, tags }));
}

async function changeGroups(
  provider: Provider,
  service: Service,
  { loadBalancerName, securityGroups }: ClassicLoadBalancer,
  groups: readonly string[],
): Promise<void> {
  const current: readonly string[] = securityGroups;
  const isSame = groups.length === current.length && groups.every((it) => current.includes(it));
  if (isSame) return;
  must(
    await provider.classicElb.applySecurityGroupsToLoadBalancer({
      loadBalancerName,
      securityGroups: groups,
    }),
    'error applying AWS loadbalancer security groups',
  );
  const replaced = current.filter((it) => !groups.includes(it));
  await removeReplacedGroups(provider, service, replaced);
}

async function changeListeners(
  { classicElb }: Provider,
  { loadBalancerName, listeners: current }: ClassicLoadBalancer,
  listeners: readonly ClassicListener[],
): Promise<void> {
  const gone = current.filter((it) => !listeners.some((other) => isSameListener(it, other)));
  if (gone.length > 0) {
    const loadBalancerPorts = gone.map(({ loadBalancerPort }) => loadBalancerPort);
    must(
      await classicElb.deleteLoadBalancerListeners({ loadBalancerName, loadBalancerPorts }),
      'error deleting AWS loadbalancer listeners',
    );
  }
  const added = listeners.filter((it) => !current.some((other) => isSameListener(it, other)));
  if (added.length === 0) return;
  must(
    await classicElb.createLoadBalancerListeners({ loadBalancerName, listeners: added }),
    'error creating AWS loadbalancer listeners',
  );
}

const isSameListener = (one: ClassicListener, other: ClassicListener): boolean =>
  one.protocol === other.protocol &&
  one.instanceProtocol === other.instanceProtocol &&
  one.instancePort === other.instancePort &&
  one.loadBalancerPort === other.loadBalancerPort &&
  one.sslCertificateId?.toLowerCase() === other.sslCertificateId?.toLowerCase();

/** A PROXY header on all instance ports of the Service, or on none; on old ones never. */
async function syncProxyProtocol(
  { classicElb }: Provider,
  service: Service,
  existing: ClassicLoadBalancer | undefined,
  listeners: readonly ClassicListener[],
  usesProxy: boolean,
): Promise<void> {
  const loadBalancerName = balancerName(service);
  const current = new Set(existing?.proxyProtocolPorts ?? []);
  const wanted = new Set(usesProxy ? listeners.map(({ instancePort }) => instancePort) : []);
  for (const instancePort of new Set([...wanted, ...current])) {
    const isEnabled = wanted.has(instancePort);
    if (isEnabled === current.has(instancePort)) continue;
    must(
      await classicElb.setProxyProtocol({ loadBalancerName, instancePort, isEnabled }),
      'error adjusting AWS loadbalancer backend policies',
    );
  }
}

async function syncAttributes(
  { classicElb }: Provider,
  balancer: ClassicLoadBalancer,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const isThere = Object.entries(attributes).every(
    ([key, value]) => balancer.attributes[key] === value,
  );
  if (isThere) return;
  const { loadBalancerName } = balancer;
  must(
    await classicElb.modifyLoadBalancerAttributes({ loadBalancerName, attributes }),
    'Unable to update load balancer attributes during attribute sync',
  );
}

async function syncTls(
  { classicElb }: Provider,
  service: Service,
  { loadBalancerName, listeners }: ClassicLoadBalancer,
): Promise<void> {
  const sslPolicy = annotation(service, 'ssl-negotiation-policy');
  if (sslPolicy === undefined) return;
  for (const listener of listeners) {
    const { protocol, loadBalancerPort } = listener;
    if (protocol !== 'SSL' && protocol !== 'HTTPS') continue;
    if (listener.sslPolicy === sslPolicy) continue;
    must(
      await classicElb.setListenerSslPolicy({ loadBalancerName, loadBalancerPort, sslPolicy }),
      `error setting SSL negotiation policy 'k8s-SSLNegotiationPolicy-${sslPolicy}' on load balancer`,
    );
  }
}

async function syncHealthCheck(
  { classicElb }: Provider,
  { loadBalancerName, healthCheck: current }: ClassicLoadBalancer,
  healthCheck: ClassicLoadBalancer['healthCheck'],
): Promise<void> {
  const isSame =
    current.target === healthCheck.target &&
    current.intervalSeconds === healthCheck.intervalSeconds &&
    current.timeoutSeconds === healthCheck.timeoutSeconds &&
    current.healthyThreshold === healthCheck.healthyThreshold &&
    current.unhealthyThreshold === healthCheck.unhealthyThreshold;
  if (isSame) return;
  must(
    await classicElb.configureHealthCheck({ loadBalancerName, healthCheck }),
    `error configuring load balancer health check for "${loadBalancerName}"`,
  );
}

/** The instances of the nodes, and no others. */
export async function syncInstances(
  { classicElb }: Provider,
  { loadBalancerName, instances: current }: ClassicLoadBalancer,
  instances: readonly Instance[],
): Promise<void> {
  const wanted = instances.map(({ instanceId }): string => instanceId);
  const registered = current.map(({ instanceId }) => instanceId);
  const added = wanted.filter((id) => !registered.includes(id)).sort();
  if (added.length > 0) {
    const input = { loadBalancerName, instances: added };
    must(await classicElb.registerInstancesWithLoadBalancer(input));
  }
  const gone = registered.filter((id) => !wanted.includes(id)).sort();
  if (gone.length === 0) return;
  must(await classicElb.deregisterInstancesFromLoadBalancer({ loadBalancerName, instances: gone }));
}
