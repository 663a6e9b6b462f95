/**
 * cli/render/kinds — what `get` knows of AWS by name: nouns with their columns and ids. Kubernetes'
 * names come from the model's registry, its columns from the API server's tables.
 */
import type { AwsKinds, Kinds } from '../../model/kinds.ts';
import { addonColumns, clusterColumns, fargateProfileColumns, nodeGroupColumns } from './eks.ts';
import {
  certificateColumns,
  classicLoadBalancerColumns,
  hostedZoneColumns,
  listenerColumns,
  loadBalancerColumns,
  recordSetColumns,
  ruleColumns,
  targetColumns,
  targetGroupColumns,
} from './load-balancer.ts';
import { instanceColumns, networkInterfaceColumns } from './network-interface.ts';
import type { Printer } from './printer.ts';
import {
  elasticIpColumns,
  internetGatewayColumns,
  natGatewayColumns,
  networkAclColumns,
  routeTableColumns,
  securityGroupColumns,
  subnetColumns,
  vpcColumns,
  vpcEndpointColumns,
} from './vpc.ts';

import {
  dhcpOptionsColumns,
  egressOnlyGatewayColumns,
  flowLogColumns,
  peeringColumns,
  prefixListColumns,
  transitAttachmentColumns,
  vpnGatewayColumns,
} from './vpc-links.ts';

/** An AWS noun as `get` shows it. */
export interface AwsKindView {
  readonly kind: keyof AwsKinds;
  /** What a user may write; the first is what messages and `-o name` say. */
  readonly names: readonly string[];
  readonly columns: Printer<never>;
}

const view = <K extends keyof AwsKinds>(
  kind: K,
  names: readonly string[],
  columns: Printer<Kinds[K]>,
): AwsKindView => ({ kind, names, columns: columns as Printer<never> });

export const AWS_KINDS: readonly AwsKindView[] = [
  view('ec2/vpc', ['vpcs', 'vpc'], vpcColumns),
  view('ec2/subnet', ['subnets', 'subnet'], subnetColumns),
  view(
    'ec2/network-interface',
    ['enis', 'eni', 'network-interfaces', 'network-interface'],
    networkInterfaceColumns,
  ),
  view('ec2/instance', ['instances', 'instance'], instanceColumns),
  view(
    'ec2/security-group',
    ['security-groups', 'security-group', 'sgs', 'sg'],
    securityGroupColumns,
  ),
  view('ec2/route-table', ['route-tables', 'route-table', 'rtbs', 'rtb'], routeTableColumns),
  view('ec2/network-acl', ['network-acls', 'network-acl', 'nacls', 'nacl'], networkAclColumns),
  view(
    'ec2/internet-gateway',
    ['internet-gateways', 'internet-gateway', 'igw'],
    internetGatewayColumns,
  ),
  view('ec2/nat-gateway', ['nat-gateways', 'nat-gateway', 'nat'], natGatewayColumns),
  view(
    'ec2/elastic-ip',
    ['elastic-ips', 'elastic-ip', 'eips', 'eip', 'addresses'],
    elasticIpColumns,
  ),
  view('ec2/vpc-endpoint', ['vpc-endpoints', 'vpc-endpoint', 'endpoints-aws'], vpcEndpointColumns),
  view(
    'ec2/egress-only-internet-gateway',
    ['egress-only-internet-gateways', 'egress-only-internet-gateway', 'eigw'],
    egressOnlyGatewayColumns,
  ),
  view('ec2/vpc-peering-connection', ['peerings', 'peering', 'pcx'], peeringColumns),
  view('ec2/vpn-gateway', ['vpn-gateways', 'vpn-gateway', 'vgw'], vpnGatewayColumns),
  view(
    'ec2/transit-gateway-attachment',
    ['transit-gateway-attachments', 'transit-gateway-attachment', 'tgw-attachments'],
    transitAttachmentColumns,
  ),
  view('ec2/prefix-list', ['prefix-lists', 'prefix-list', 'pl'], prefixListColumns),
  view('ec2/dhcp-options', ['dhcp-options', 'dopt'], dhcpOptionsColumns),
  view('ec2/flow-log', ['flow-logs', 'flow-log', 'fl'], flowLogColumns),
  view('eks/cluster', ['clusters', 'cluster'], clusterColumns),
  view('eks/nodegroup', ['nodegroups', 'nodegroup', 'ng'], nodeGroupColumns),
  view('eks/addon', ['addons', 'addon'], addonColumns),
  view('eks/fargate-profile', ['fargate-profiles', 'fargate-profile', 'fp'], fargateProfileColumns),
  view(
    'elbv2/load-balancer',
    ['load-balancers', 'load-balancer', 'lbs', 'lb'],
    loadBalancerColumns,
  ),
  view(
    'elbv2/classic-load-balancer',
    ['classic-load-balancers', 'classic-load-balancer', 'clbs', 'clb'],
    classicLoadBalancerColumns,
  ),
  view('elbv2/target-group', ['target-groups', 'target-group', 'tgs', 'tg'], targetGroupColumns),
  view('elbv2/listener', ['listeners', 'listener'], listenerColumns),
  view('elbv2/rule', ['rules', 'rule'], ruleColumns),
  view('elbv2/target', ['targets', 'target'], targetColumns),
  view('route53/hosted-zone', ['hosted-zones', 'hosted-zone', 'zones', 'zone'], hostedZoneColumns),
  view('route53/record-set', ['record-sets', 'record-set', 'records', 'record'], recordSetColumns),
  view('acm/certificate', ['certificates', 'certificate', 'certs', 'cert'], certificateColumns),
];
