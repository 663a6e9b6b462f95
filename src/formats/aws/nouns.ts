/** formats/aws/nouns — every AWS noun's format, and documents of them as the aws CLI prints. */
import type { AwsKinds, TwinStore } from '../../model/kinds.ts';
import type { AwsJson, NounFormat } from './aws-json.ts';
import { certificate } from './certificate.ts';
import { classicLoadBalancer } from './classic-load-balancer.ts';
import { dhcpOptions } from './dhcp-options.ts';
import { addon, cluster, fargateProfile, nodegroup } from './eks.ts';
import { flowLog } from './flow-log.ts';
import { instance } from './instance.ts';
import {
  egressOnlyInternetGateway,
  elasticIp,
  internetGateway,
  natGateway,
} from './internet-gateways.ts';
import { listener, rule } from './listener.ts';
import { loadBalancer } from './load-balancer.ts';
import { networkAcl } from './network-acl.ts';
import { networkInterface } from './network-interface.ts';
import { routeTable } from './route-table.ts';
import { hostedZone, recordSet } from './route53.ts';
import { securityGroup } from './security-group.ts';
import { subnet } from './subnet.ts';
import { target, targetGroup } from './target-group.ts';
import {
  transitGateway,
  transitGatewayAttachment,
  transitGatewayRouteTable,
} from './transit-gateway.ts';
import { vpc } from './vpc.ts';
import { prefixList, vpcEndpoint, vpcPeeringConnection, vpnGateway } from './vpc-links.ts';

/** By kind; a `Record` over all kinds, so a noun without a format does not compile. */
export const FORMATS: { readonly [Kind in keyof AwsKinds]: NounFormat<Kind> } = {
  'ec2/vpc': vpc,
  'ec2/subnet': subnet,
  'ec2/network-interface': networkInterface,
  'ec2/instance': instance,
  'ec2/security-group': securityGroup,
  'ec2/route-table': routeTable,
  'ec2/network-acl': networkAcl,
  'ec2/internet-gateway': internetGateway,
  'ec2/egress-only-internet-gateway': egressOnlyInternetGateway,
  'ec2/nat-gateway': natGateway,
  'ec2/elastic-ip': elasticIp,
  'ec2/vpc-peering-connection': vpcPeeringConnection,
  'ec2/transit-gateway': transitGateway,
  'ec2/transit-gateway-attachment': transitGatewayAttachment,
  'ec2/transit-gateway-route-table': transitGatewayRouteTable,
  'ec2/vpn-gateway': vpnGateway,
  'ec2/vpc-endpoint': vpcEndpoint,
  'ec2/prefix-list': prefixList,
  'ec2/dhcp-options': dhcpOptions,
  'ec2/flow-log': flowLog,
  'eks/cluster': cluster,
  'eks/addon': addon,
  'eks/nodegroup': nodegroup,
  'eks/fargate-profile': fargateProfile,
  'elbv2/load-balancer': loadBalancer,
  'elbv2/classic-load-balancer': classicLoadBalancer,
  'elbv2/target-group': targetGroup,
  'elbv2/listener': listener,
  'elbv2/rule': rule,
  'elbv2/target': target,
  'route53/hosted-zone': hostedZone,
  'route53/record-set': recordSet,
  'acm/certificate': certificate,
};

/** Every AWS kind, VPCs first. */
export const AWS_KINDS = Object.keys(FORMATS) as readonly (keyof AwsKinds)[];

/** EKS and ACM describe one thing at a time; the others list. */
export const isSingular = (kind: keyof AwsKinds): boolean =>
  kind.startsWith('eks/') || kind === 'acm/certificate';

/**
 * Nouns as the aws CLI prints them: `{"Vpcs": […]}`; instances inside reservations; of EKS one
 * object under its member, or a list of such documents. Where AWS tells of one owner at a time
 * (targets of a group, records of a zone), a document each, with the owner beside the list.
 */
export function awsDocument<Kind extends keyof AwsKinds>(
  store: TwinStore,
  kind: Kind,
  nouns: readonly AwsKinds[Kind][],
): unknown {
  const format = FORMATS[kind] as NounFormat<Kind>;
  const printed = nouns.map((noun) => format.toAws(noun, store));
  if (kind === 'ec2/instance') {
    const { ownerId } = store.list('ec2/vpc')[0] ?? {};
    return { Reservations: printed.map((it) => reservation(it, ownerId)) };
  }
  if (!isSingular(kind) && format.of === undefined) return { [format.member]: printed };
  const documents =
    format.of === undefined
      ? printed.map((it) => ({ [format.member]: it }))
      : byOwner(printed, format.of.member, format.member);
  return documents.length === 1 ? documents[0] : documents;
}

/** A document for each owner, in the order they are first met. */
function byOwner(printed: readonly AwsJson[], owner: string, member: string): readonly AwsJson[] {
  const lists = new Map<unknown, AwsJson[]>();
  for (const { [owner]: id, ...item } of printed) {
    const items = lists.get(id) ?? [];
    items.push(item);
    lists.set(id, items);
  }
  return [...lists].map(([id, items]) => ({ [owner]: id, [member]: items }));
}

const reservation = (instance: AwsJson, OwnerId: string | undefined): AwsJson => ({
  ...(OwnerId === undefined ? {} : { OwnerId }),
  ReservationId: String(instance.InstanceId).replace(/^i-/, 'r-'),
  Groups: [],
  Instances: [instance],
});
