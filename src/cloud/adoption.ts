/**
 * cloud/adoption — nouns of an export put into the store as they are. Nothing is refused; what
 * contradicts itself is said.
 */
import type { NetworkInterface } from '../model/ec2/network-interface.ts';
import { eksKey } from '../model/eks/cluster.ts';
import { targetKeyOf } from '../model/elbv2/target-group.ts';
import type { AwsKinds, TwinStore } from '../model/kinds.ts';
import { recordKeyOf } from '../model/route53/hosted-zone.ts';
import {
  cidrTextContains,
  cidrTextContainsCidr,
  firstAddress,
  lastAddress,
  parseCidr4,
} from '../net/index.ts';
import { balancerContradictions } from './elbv2/balancer-contradictions.ts';

/** Nouns as an export has them, by kind. */
export type AdoptedNouns = {
  readonly [Kind in keyof AwsKinds]?: readonly AwsKinds[Kind][] | undefined;
};

/** The store's key of each kind: the id, or cluster/name. */
const KEYS: { readonly [Kind in keyof AwsKinds]: (noun: AwsKinds[Kind]) => string } = {
  'ec2/vpc': (it) => it.vpcId,
  'ec2/subnet': (it) => it.subnetId,
  'ec2/network-interface': (it) => it.networkInterfaceId,
  'ec2/instance': (it) => it.instanceId,
  'ec2/security-group': (it) => it.groupId,
  'ec2/route-table': (it) => it.routeTableId,
  'ec2/network-acl': (it) => it.networkAclId,
  'ec2/internet-gateway': (it) => it.internetGatewayId,
  'ec2/egress-only-internet-gateway': (it) => it.egressOnlyInternetGatewayId,
  'ec2/nat-gateway': (it) => it.natGatewayId,
  'ec2/elastic-ip': (it) => it.allocationId,
  'ec2/vpc-peering-connection': (it) => it.vpcPeeringConnectionId,
  'ec2/transit-gateway': (it) => it.transitGatewayId,
  'ec2/transit-gateway-attachment': (it) => it.attachmentId,
  'ec2/transit-gateway-route-table': (it) => it.transitGatewayRouteTableId,
  'ec2/vpn-gateway': (it) => it.vpnGatewayId,
  'ec2/vpc-endpoint': (it) => it.vpcEndpointId,
  'ec2/prefix-list': (it) => it.prefixListId,
  'ec2/dhcp-options': (it) => it.dhcpOptionsId,
  'ec2/flow-log': (it) => it.flowLogId,
  'eks/cluster': (it) => it.name,
  'eks/addon': (it) => eksKey(it.clusterName, it.addonName),
  'eks/nodegroup': (it) => eksKey(it.clusterName, it.nodegroupName),
  'eks/fargate-profile': (it) => eksKey(it.clusterName, it.fargateProfileName),
  'elbv2/load-balancer': (it) => it.loadBalancerArn,
  'elbv2/classic-load-balancer': (it) => it.loadBalancerName,
  'elbv2/target-group': (it) => it.targetGroupArn,
  'elbv2/listener': (it) => it.listenerArn,
  'elbv2/rule': (it) => it.ruleArn,
  'elbv2/target': targetKeyOf,
  'route53/hosted-zone': (it) => it.hostedZoneId,
  'route53/record-set': recordKeyOf,
  'acm/certificate': (it) => it.certificateArn,
};

/** The store's key of an AWS noun. */
export const awsKeyOf = <Kind extends keyof AwsKinds>(kind: Kind, noun: AwsKinds[Kind]): string =>
  KEYS[kind](noun);

function put<Kind extends keyof AwsKinds>(
  store: TwinStore,
  kind: Kind,
  nouns: readonly AwsKinds[Kind][],
): void {
  for (const noun of nouns) store.put(kind, awsKeyOf(kind, noun), noun as never);
}

/**
 * Puts nouns into the store as they are; address maps follow the store.
 *
 * @returns contradictions found in what is stored afterwards, one sentence each
 */
export function adopt(store: TwinStore, nouns: AdoptedNouns): readonly string[] {
  // In the order of KEYS: what is referred to comes before what refers to it.
  for (const kind of Object.keys(KEYS) as (keyof AwsKinds)[]) {
    const some = nouns[kind];
    if (some !== undefined) put(store, kind, some as never);
  }
  return [
    ...subnetContradictions(store),
    ...interfaceContradictions(store),
    ...instanceContradictions(store),
    ...balancerContradictions(store),
  ];
}

function* subnetContradictions(store: TwinStore): Iterable<string> {
  yield* overlaps(store);
  for (const subnet of store.list('ec2/subnet')) {
    const vpc = store.get('ec2/vpc', subnet.vpcId);
    if (vpc === undefined) {
      yield `subnet ${subnet.subnetId} is in VPC ${subnet.vpcId}, which is not in the export`;
      continue;
    }
    if (!vpc.cidrBlocks.some((it) => cidrTextContainsCidr(it.cidrBlock, subnet.cidrBlock)))
      yield `subnet ${subnet.subnetId} has ${subnet.cidrBlock}, outside VPC ${vpc.vpcId}`;
  }
}

/** In the order of their first address; each is compared with the one that reaches furthest. */
function* overlaps(store: TwinStore): Iterable<string> {
  const placed = store
    .list('ec2/subnet')
    .flatMap(({ subnetId, vpcId, cidrBlock }) => {
      const cidr = parseCidr4(cidrBlock);
      if (cidr === undefined) return [];
      const name = `${subnetId} (${cidrBlock})`;
      return [{ name, vpcId, first: firstAddress(cidr), last: lastAddress(cidr) }];
    })
    .sort((a, b) => a.first - b.first);
  const furthest = new Map<string, (typeof placed)[number]>();
  for (const next of placed) {
    const before = furthest.get(next.vpcId);
    if (before !== undefined && next.first <= before.last)
      yield `subnets ${before.name} and ${next.name} of ${next.vpcId} overlap`;
    if (before === undefined || next.last > before.last) furthest.set(next.vpcId, next);
  }
}

function* interfaceContradictions(store: TwinStore): Iterable<string> {
  /** Addresses and prefixes seen, by VPC: two VPCs may well use the same ones. */
  const holders = new Map<string, string>();
  for (const eni of store.list('ec2/network-interface')) {
    const id = eni.networkInterfaceId;
    const subnet = store.get('ec2/subnet', eni.subnetId);
    if (subnet === undefined)
      yield `interface ${id} is in subnet ${eni.subnetId}, which is not in the export`;
    for (const { address } of eni.privateIpAddresses) {
      if (subnet !== undefined && !cidrTextContains(subnet.cidrBlock, address))
        yield `interface ${id} has ${address}, outside subnet ${subnet.subnetId} (${subnet.cidrBlock})`;
    }
    yield* doubles(eni, holders);
    for (const groupId of eni.groups) {
      if (store.get('ec2/security-group', groupId) === undefined)
        yield `interface ${id} has security group ${groupId}, which is not in the export`;
    }
    const instanceId = eni.attachment?.instanceId;
    if (instanceId !== undefined && store.get('ec2/instance', instanceId) === undefined)
      yield `interface ${id} is attached to instance ${instanceId}, which is not in the export`;
    const trunkId = eni.trunk?.trunkInterfaceId;
    if (trunkId !== undefined && store.get('ec2/network-interface', trunkId) === undefined)
      yield `branch interface ${id} is on trunk ${trunkId}, which is not in the export`;
  }
}

function* doubles(eni: NetworkInterface, holders: Map<string, string>): Iterable<string> {
  const id = eni.networkInterfaceId;
  const taken = [
    ...eni.privateIpAddresses.map(({ address }) => address),
    ...eni.ipv4Prefixes,
    ...eni.ipv6Addresses,
    ...eni.ipv6Prefixes,
  ];
  for (const text of taken) {
    const key = `${eni.vpcId} ${text}`;
    const other = holders.get(key);
    if (other === undefined) holders.set(key, id);
    else yield `${text} is on interface ${other} and on interface ${id}`;
  }
}

function* instanceContradictions(store: TwinStore): Iterable<string> {
  for (const instance of store.list('ec2/instance')) {
    const { instanceId } = instance;
    if (instance.state === 'terminated') continue;
    if (store.lookupKeys('ec2/network-interface', 'instance', instanceId).size === 0)
      yield `instance ${instanceId} has no network interface in the export`;
    if (store.get('ec2/subnet', instance.subnetId) === undefined)
      yield `instance ${instanceId} is in subnet ${instance.subnetId}, which is not in the export`;
  }
}
