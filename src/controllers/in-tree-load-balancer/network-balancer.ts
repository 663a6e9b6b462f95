/**
 * controllers/in-tree-load-balancer/network-balancer — a Service's network load balancer with nodes
 * behind it. Its subnets and its scheme never change, and it has no security groups: nodes know
 * clients by address.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:2463-2560 and
 * aws_loadbalancer.go:149-440,707-770. Mode NLBSecurityGroupMode=Managed, which EKS does not set as
 * far as is known, is not followed.
 */
import { isAwsError } from '../../model/aws-error.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Listener } from '../../model/elbv2/listener.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { isInternal, keyValues, list, PREFIX } from './annotations.ts';
import { balancerSubnets } from './balancer-subnets.ts';
import { reconcileNetworkNodeRules } from './network-node-rules.ts';
import { networkAttributes, type PortMapping } from './network-plan.ts';
import { createTargetGroup, syncGroupAttributes, syncTargetGroup } from './network-target-group.ts';
import { balancerName, balancerTags, type Provider } from './provider.ts';
import { must, ProviderError } from './provider-error.ts';
import { sourceRangesOf } from './source-ranges.ts';

/** The load balancer as it is now; undefined where there is none. */
export async function networkBalancer(
  { elbv2 }: Provider,
  service: Service,
): Promise<LoadBalancer | undefined> {
  const name = balancerName(service);
  const found = await elbv2.describeLoadBalancers({ names: [name] });
  if (isAwsError(found) && found.code === 'LoadBalancerNotFound') return undefined;
  const balancers = must(found, 'error describing load balancer');
  const balancer = balancers.find(({ type }) => type === 'network');
  if (balancer !== undefined) return balancer;
  throw new ProviderError(`NLB '${name}' could not be found`);
}

/** Makes it what the Service wants. @returns its DNS name, none while it has failed */
export async function ensureNetworkBalancer(
  provider: Provider,
  service: Service,
  mappings: readonly PortMapping[],
  instances: readonly Instance[],
): Promise<string | undefined> {
  const subnets = await balancerSubnets(provider, service);
  const tags = balancerTags(provider, service, keyValues(service, 'additional-resource-tags'));
  const existing = await networkBalancer(provider, service);
  const balancer = existing ?? (await create(provider, service, subnets, tags));
  const parts = { provider, service, balancer, instances, tags };
  if (existing === undefined) {
    for (const mapping of mappings) await addListener(parts, mapping);
  } else {
    await syncListeners(parts, mappings);
  }
  await syncAttributes(provider, service, balancer);
  await syncGroupAttributes(provider, service, balancer.loadBalancerArn);
  await reconcileNetworkNodeRules(provider, balancerName(service), {
    instances,
    mappings,
    subnetBlocks: await subnetBlocks(provider, balancer),
    clientBlocks: sourceRangesOf(service),
  });
  const isUp = balancer.state === 'active' || balancer.state === 'provisioning';
  return isUp ? balancer.dnsName : undefined;
}

async function create(
  { elbv2 }: Provider,
  service: Service,
  subnets: readonly string[],
  tags: Tags,
): Promise<LoadBalancer> {
  const allocations = perSubnet(service, 'eip-allocations', 'EIP AllocationIDs', subnets);
  const name = 'private-ipv4-addresses';
  const addresses = perSubnet(service, name, 'Private IPv4Addresses', subnets);
  return must(
    await elbv2.createLoadBalancer({
      name: balancerName(service),
      type: 'network',
      scheme: isInternal(service) ? 'internal' : 'internet-facing',
      subnetMappings: subnets.map((subnetId, i) => ({
        subnetId,
        allocationId: allocations?.[i],
        privateIpv4Address: addresses?.[i],
      })),
      tags,
    }),
    'error creating load balancer',
  );
}

/** One value for every subnet, or none at all. */
function perSubnet(
  service: Service,
  name: string,
  what: string,
  subnets: readonly string[],
): readonly string[] | undefined {
  if (service.metadata.annotations?.[`${PREFIX}${name}`] === undefined) return undefined;
  const values = list(service, name);
  if (values.length === subnets.length) return values;
  const counts = `${what} (${values.length}) and SubnetIDs (${subnets.length})`;
  throw new ProviderError(`error creating load balancer: Must have same number of ${counts}`);
}

interface Parts {
  readonly provider: Provider;
  readonly service: Service;
  readonly balancer: LoadBalancer;
  readonly instances: readonly Instance[];
  readonly tags: Tags;
}

async function addListener(parts: Parts, mapping: PortMapping): Promise<void> {
  const { provider, service, balancer, instances, tags } = parts;
  const { targetGroupArn } = await createTargetGroup(provider, service, mapping, instances, {
    vpcId: balancer.vpcId,
    tags,
  });
  must(
    await provider.elbv2.createListener({
      loadBalancerArn: balancer.loadBalancerArn,
      ...listenerSettings(mapping, targetGroupArn),
      tags,
    }),
    'error creating load balancer listener',
  );
}

const listenerSettings = (mapping: PortMapping, targetGroupArn: string) => ({
  port: mapping.port,
  protocol: mapping.protocol,
  defaultActions: [{ type: 'forward', targetGroups: [{ targetGroupArn }] }] as const,
  ...(mapping.protocol === 'TLS'
    ? { certificateArn: mapping.certificateArn, sslPolicy: mapping.sslPolicy }
    : {}),
});

/** Listeners are known by port and protocol, target groups by node port. */
async function syncListeners(parts: Parts, mappings: readonly PortMapping[]): Promise<void> {
  const { provider, balancer } = parts;
  const { loadBalancerArn } = balancer;
  const listeners = must(
    await provider.elbv2.describeListeners({ loadBalancerArn }),
    'error describing listeners',
  );
  for (const mapping of mappings) {
    const listener = listeners.find((it) => isOf(it, mapping));
    if (listener === undefined) await addListener(parts, mapping);
    else await syncListener(parts, listener, mapping);
  }
  for (const listener of listeners) {
    if (mappings.some((mapping) => isOf(listener, mapping))) continue;
    await deleteListener(provider, listener);
  }
}

const isOf = (listener: Listener, mapping: PortMapping): boolean =>
  listener.port === mapping.port && listener.protocol === mapping.protocol;

/** The one target group a listener of ours forwards to. */
function forwardsTo({ defaultActions }: Listener): string | undefined {
  const [action] = defaultActions;
  return action?.type === 'forward' ? action.targetGroups[0]?.targetGroupArn : undefined;
}

async function syncListener(parts: Parts, listener: Listener, mapping: PortMapping): Promise<void> {
  const { provider, service, balancer, instances, tags } = parts;
  const { elbv2 } = provider;
  const groups = must(
    await elbv2.describeTargetGroups({ loadBalancerArn: balancer.loadBalancerArn }),
    'error listing target groups',
  );
  const current = groups.find(({ port }) => port === mapping.nodePort);
  const { protocol, intervalSeconds } = mapping.healthCheck;
  const isKept =
    current?.protocol === mapping.targetProtocol &&
    current.healthCheck.protocol === protocol &&
    current.healthCheck.intervalSeconds === intervalSeconds;
  const at = { vpcId: balancer.vpcId, tags };
  const group = isKept
    ? current
    : await createTargetGroup(provider, service, mapping, instances, at);
  const isSameTls =
    mapping.protocol !== 'TLS' ||
    (listener.sslPolicy === mapping.sslPolicy &&
      listener.certificateArns[0] === mapping.certificateArn);
  if (!isKept || !isSameTls) {
    const { listenerArn } = listener;
    const settings = listenerSettings(mapping, group.targetGroupArn);
    must(
      await elbv2.modifyListener({ listenerArn, ...settings }),
      'error updating load balancer listener',
    );
  }
  if (isKept) {
    await syncTargetGroup(provider, group, mapping, instances);
    return;
  }
  const replaced = forwardsTo(listener);
  if (replaced === undefined || replaced === group.targetGroupArn) return;
  must(
    await elbv2.deleteTargetGroup({ targetGroupArn: replaced }),
    'error deleting old target group',
  );
}

async function deleteListener({ elbv2 }: Provider, listener: Listener): Promise<void> {
  const { listenerArn } = listener;
  must(await elbv2.deleteListener({ listenerArn }), 'error deleting load balancer listener');
  const targetGroupArn = forwardsTo(listener);
  if (targetGroupArn === undefined) return;
  must(
    await elbv2.deleteTargetGroup({ targetGroupArn }),
    'error deleting load balancer target group',
  );
}

async function syncAttributes(
  { elbv2 }: Provider,
  service: Service,
  { loadBalancerArn }: LoadBalancer,
): Promise<void> {
  const wanted = networkAttributes(service);
  const current = must(
    await elbv2.describeLoadBalancerAttributes({ loadBalancerArn }),
    'unable to retrieve load balancer attributes during attribute sync',
  );
  const changed = Object.entries(wanted).filter(([key, value]) => (current[key] ?? '') !== value);
  if (changed.length === 0) return;
  must(
    await elbv2.modifyLoadBalancerAttributes({
      loadBalancerArn,
      attributes: Object.fromEntries(changed),
    }),
    'unable to update load balancer attributes during attribute sync',
  );
}

/** Where its health checks come from. */
async function subnetBlocks({ ec2 }: Provider, balancer: LoadBalancer): Promise<readonly string[]> {
  const subnetIds = balancer.zones.map(({ subnetId }) => subnetId);
  const subnets = must(await ec2.describeSubnets({ subnetIds }), 'error querying Subnet for ELB');
  return subnets.map(({ cidrBlock }) => cidrBlock);
}
