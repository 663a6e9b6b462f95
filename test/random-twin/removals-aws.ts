/** test/random-twin/removals-aws — rules, entries, routes and associations of a twin's AWS side. */
import type { Route } from '../../src/model/ec2/route-table.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import { change, type Removal, without } from './removal.ts';

const destinationOf = ({ destination: it }: Route): string =>
  it.kind === 'prefix-list' ? it.prefixListId : it.cidr;

function* ofSecurityGroups(store: TwinStore): Generator<Removal> {
  for (const group of store.list('ec2/security-group'))
    for (const rule of group.rules)
      yield {
        kind: 'security-group-rule',
        object: group.groupId,
        rule: rule.ruleId,
        texts: [],
        changes: [change('ec2/security-group', group.groupId, without(group, 'rules', rule))],
      };
}

function* ofNetworkAcls(store: TwinStore): Generator<Removal> {
  for (const acl of store.list('ec2/network-acl')) {
    const object = acl.networkAclId;
    for (const entry of acl.entries)
      yield {
        kind: 'network-acl-entry',
        object,
        rule: `${entry.egress ? 'egress' : 'ingress'} ${entry.ruleNumber}`,
        texts: [],
        changes: [change('ec2/network-acl', object, without(acl, 'entries', entry))],
      };
    for (const it of acl.associations)
      yield {
        kind: 'network-acl-association',
        object,
        rule: it.associationId,
        texts: [],
        changes: [change('ec2/network-acl', object, without(acl, 'associations', it))],
      };
  }
}

function* ofRouteTables(store: TwinStore): Generator<Removal> {
  for (const table of store.list('ec2/route-table')) {
    const object = table.routeTableId;
    for (const route of table.routes)
      yield {
        kind: 'route',
        object,
        rule: destinationOf(route),
        texts: [],
        changes: [change('ec2/route-table', object, without(table, 'routes', route))],
      };
    for (const it of table.associations)
      yield {
        kind: 'route-table-association',
        object,
        rule: it.associationId,
        texts: [],
        changes: [change('ec2/route-table', object, without(table, 'associations', it))],
      };
  }
}

function* ofTransitGateways(store: TwinStore): Generator<Removal> {
  for (const table of store.list('ec2/transit-gateway-route-table')) {
    const key = table.transitGatewayRouteTableId;
    for (const route of table.routes)
      yield {
        kind: 'transit-gateway-route',
        object: key,
        rule: route.destinationCidrBlock,
        texts: [],
        changes: [change('ec2/transit-gateway-route-table', key, without(table, 'routes', route))],
      };
  }
  for (const attachment of store.list('ec2/transit-gateway-attachment')) {
    const { associatedRouteTableId, ...unassociated } = attachment;
    const key = attachment.attachmentId;
    const kind = 'ec2/transit-gateway-attachment';
    yield { kind: 'gateway', object: key, texts: [key], changes: [change(kind, key)] };
    if (associatedRouteTableId === undefined) continue;
    yield {
      kind: 'transit-gateway-association',
      object: associatedRouteTableId,
      rule: key,
      texts: [],
      changes: [change(kind, key, unassociated)],
    };
  }
}

function* ofGateways(store: TwinStore): Generator<Removal> {
  for (const { vpcPeeringConnectionId: id } of store.list('ec2/vpc-peering-connection'))
    yield {
      kind: 'vpc-peering-connection',
      object: id,
      texts: [id],
      changes: [change('ec2/vpc-peering-connection', id)],
    };
  for (const { vpcEndpointId: id } of store.list('ec2/vpc-endpoint'))
    yield {
      kind: 'vpc-endpoint',
      object: id,
      texts: [id],
      changes: [change('ec2/vpc-endpoint', id)],
    };
  for (const { natGatewayId: id } of store.list('ec2/nat-gateway'))
    yield {
      kind: 'gateway',
      object: id,
      texts: [id],
      changes: [change('ec2/nat-gateway', id)],
    };
  for (const list of store.list('ec2/prefix-list'))
    for (const entry of list.entries)
      yield {
        kind: 'prefix-list',
        object: list.prefixListId,
        rule: entry.cidr,
        texts: [],
        changes: [change('ec2/prefix-list', list.prefixListId, without(list, 'entries', entry))],
      };
}

function* ofClusters(store: TwinStore): Generator<Removal> {
  for (const cluster of store.list('eks/cluster'))
    for (const cidr of cluster.publicAccessCidrs)
      yield {
        kind: 'cluster',
        object: cluster.name,
        rule: `publicAccessCidrs ${cidr}`,
        texts: [],
        changes: [change('eks/cluster', cluster.name, without(cluster, 'publicAccessCidrs', cidr))],
      };
}

export const removalsOfAws = (store: TwinStore): readonly Removal[] => [
  ...ofSecurityGroups(store),
  ...ofNetworkAcls(store),
  ...ofRouteTables(store),
  ...ofTransitGateways(store),
  ...ofGateways(store),
  ...ofClusters(store),
];
