/**
 * api/aws/shown — our nouns as AWS describes them. The mapping is formats/aws's, the same one that
 * exports are written with; here it only gets the SDK's types.
 */
import type { CertificateDetail } from '@aws-sdk/client-acm';
import type {
  Address,
  DhcpOptions,
  EgressOnlyInternetGateway,
  FlowLog,
  Instance,
  InternetGateway,
  ManagedPrefixList,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  TransitGateway,
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
  VpnGateway,
} from '@aws-sdk/client-ec2';
import type { Addon, Cluster, FargateProfile, Nodegroup } from '@aws-sdk/client-eks';
import type { LoadBalancerDescription } from '@aws-sdk/client-elastic-load-balancing';
import type {
  Listener,
  LoadBalancer,
  Rule,
  TargetGroup,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HostedZone, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { FORMATS } from '../../formats/aws/nouns.ts';
import type { AwsKinds } from '../../model/kinds.ts';
import type { AwsCall } from './operation.ts';

interface Shown {
  'ec2/vpc': Vpc;
  'ec2/subnet': Subnet;
  'ec2/network-interface': NetworkInterface;
  'ec2/instance': Instance;
  'ec2/security-group': SecurityGroup;
  'ec2/route-table': RouteTable;
  'ec2/network-acl': NetworkAcl;
  'ec2/internet-gateway': InternetGateway;
  'ec2/egress-only-internet-gateway': EgressOnlyInternetGateway;
  'ec2/nat-gateway': NatGateway;
  'ec2/elastic-ip': Address;
  'ec2/vpc-peering-connection': VpcPeeringConnection;
  'ec2/transit-gateway': TransitGateway;
  'ec2/transit-gateway-attachment': TransitGatewayAttachment;
  'ec2/transit-gateway-route-table': TransitGatewayRouteTable;
  'ec2/vpn-gateway': VpnGateway;
  'ec2/vpc-endpoint': VpcEndpoint;
  'ec2/prefix-list': ManagedPrefixList;
  'ec2/dhcp-options': DhcpOptions;
  'ec2/flow-log': FlowLog;
  'eks/cluster': Cluster;
  'eks/addon': Addon;
  'eks/nodegroup': Nodegroup;
  'eks/fargate-profile': FargateProfile;
  'elbv2/load-balancer': LoadBalancer;
  'elbv2/classic-load-balancer': LoadBalancerDescription;
  'elbv2/target-group': TargetGroup;
  'elbv2/listener': Listener;
  'elbv2/rule': Rule;
  'elbv2/target': TargetHealthDescription;
  'route53/hosted-zone': HostedZone;
  'route53/record-set': ResourceRecordSet;
  'acm/certificate': CertificateDetail;
}

/** A noun as its Describe operation shows it. */
export const shown = <Kind extends keyof AwsKinds & keyof Shown>(
  { store }: AwsCall,
  kind: Kind,
  noun: AwsKinds[Kind],
): Shown[Kind] => FORMATS[kind].toAws(noun, store) as unknown as Shown[Kind];
