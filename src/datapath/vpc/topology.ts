/**
 * datapath/vpc/topology — VPCs, their subnets with the route table and network ACL that count for
 * each, and who is attached to whom. Made anew when one of these nouns changes (they are few and
 * change seldom); tables are compiled when a packet first asks.
 */

import type {
  InternetGateway,
  NatGateway,
  TransitGatewayAttachment,
  VpcEndpoint,
  VpcPeeringConnection,
} from '../../model/ec2/gateways.ts';
import type { NetworkAcl } from '../../model/ec2/network-acl.ts';
import type { RouteTable, RouteTableAssociation } from '../../model/ec2/route-table.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import { regionOfZone } from '../../model/ec2/zone.ts';
import type { AwsKinds, TwinStore } from '../../model/kinds.ts';
import { type Cidr, contains, type Ip, PrefixTrie, parseCidr, parseIp } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { entriesOfAcl, type ReadyAcl } from './network-acl-entries.ts';
import { type ReadyTable, readyTable } from './route-choice.ts';
import { type TransitTable, transitTable } from './transit-routes.ts';

/** The kinds a topology is made of. */
export const TOPOLOGY_KINDS = [
  'ec2/vpc',
  'ec2/subnet',
  'ec2/route-table',
  'ec2/network-acl',
  'ec2/internet-gateway',
  'ec2/nat-gateway',
  'ec2/vpc-peering-connection',
  'ec2/transit-gateway-attachment',
  'ec2/transit-gateway-route-table',
  'ec2/vpc-endpoint',
  'ec2/prefix-list',
] as const satisfies readonly (keyof AwsKinds)[];

/** A route table and why it is this subnet's, or this gateway's. */
export interface AssociatedTable {
  readonly table: RouteTable;
  readonly association: Element;
}

/** A network ACL and why it is this subnet's; without association it is the VPC's default. */
export interface AssociatedAcl {
  readonly acl: ReadyAcl;
  readonly association: Element | undefined;
}

export interface SubnetPlace {
  readonly subnet: Subnet;
  readonly vpc: VpcPlace;
  readonly cidrs: readonly Cidr[];
  readonly table: AssociatedTable | undefined;
  /** Undefined: no document tells of the subnet's network ACL. */
  readonly acl: AssociatedAcl | undefined;
}

export interface VpcPlace {
  readonly vpc: Vpc;
  /** `us-west-2`; empty where no subnet tells. */
  readonly region: string;
  readonly cidrs: readonly Cidr[];
  readonly subnets: PrefixTrie<SubnetPlace>;
  readonly internetGateway: InternetGateway | undefined;
  readonly peerings: readonly VpcPeeringConnection[];
  /** Those that exist, public ones. */
  readonly natGateways: readonly NatGateway[];
}

/** True when one of the blocks holds the address. */
export const anyContains = (cidrs: readonly Cidr[], ip: Ip): boolean =>
  cidrs.some((cidr) => contains(cidr, ip));

const parsed = (texts: readonly string[]): readonly Cidr[] =>
  texts.map(parseCidr).filter((cidr) => cidr !== undefined);

const associationElement = (table: RouteTable, it: RouteTableAssociation): Element => ({
  kind: 'route-table-association',
  object: table.routeTableId,
  rule: it.associationId,
  field: it.main ? 'main' : (it.subnetId ?? it.gatewayId),
});

/** Every table by what it is associated with: a subnet, a gateway, or the VPC as its main. */
function associatedTables(store: TwinStore): ReadonlyMap<string, AssociatedTable> {
  const found = new Map<string, AssociatedTable>();
  for (const { value: table } of store.entries('ec2/route-table')) {
    for (const it of table.associations) {
      const to = it.main ? table.vpcId : (it.subnetId ?? it.gatewayId ?? '');
      if (!found.has(to)) found.set(to, { table, association: associationElement(table, it) });
    }
  }
  return found;
}

/** Internet gateways by VPC; where no document shows one, a live route to one tells of it. */
function internetGateways(store: TwinStore): ReadonlyMap<string, InternetGateway> {
  const found = new Map<string, InternetGateway>();
  for (const { value } of store.entries('ec2/internet-gateway'))
    if (value.vpcId !== undefined && !found.has(value.vpcId)) found.set(value.vpcId, value);
  for (const { value: table } of store.entries('ec2/route-table')) {
    const { vpcId, ownerId } = table;
    for (const { target, state } of table.routes) {
      if (target.kind !== 'internet-gateway' || state !== 'active' || found.has(vpcId)) continue;
      if (store.get('ec2/internet-gateway', target.id) !== undefined) continue;
      const internetGatewayId = target.id as InternetGateway['internetGatewayId'];
      found.set(vpcId, { internetGatewayId, ownerId, vpcId, tags: {} });
    }
  }
  return found;
}

/** Every network ACL by subnet, and the default ones by VPC. */
function associatedAcls(store: TwinStore): ReadonlyMap<string, AssociatedAcl> {
  const found = new Map<string, AssociatedAcl>();
  const add = (acl: NetworkAcl, to: string, association: Element | undefined): void => {
    if (!found.has(to)) found.set(to, { acl: entriesOfAcl(acl), association });
  };
  for (const { value: acl } of store.entries('ec2/network-acl')) {
    if (acl.isDefault) add(acl, acl.vpcId, undefined);
    for (const { associationId, subnetId } of acl.associations) {
      const object = acl.networkAclId;
      const rule = associationId;
      add(acl, subnetId, { kind: 'network-acl-association', object, rule, field: subnetId });
    }
  }
  return found;
}

export class Topology {
  readonly #store: TwinStore;
  readonly #vpcs = new Map<string, VpcPlace>();
  readonly #subnets = new Map<string, SubnetPlace>();
  readonly #tables: ReadonlyMap<string, AssociatedTable>;
  readonly #ready = new Map<string, ReadyTable>();
  readonly #transit = new Map<string, TransitTable>();
  readonly #natByAddress = new Map<string, NatGateway>();
  readonly #natByPublic = new Map<Ip, NatGateway>();
  readonly #attachments = new Map<string, TransitGatewayAttachment>();
  readonly #endpoints = new Map<string, VpcEndpoint>();

  constructor(store: TwinStore) {
    this.#store = store;
    this.#tables = associatedTables(store);
    const gateways = internetGateways(store);
    const regions = new Map<string, string>();
    for (const { value } of store.entries('ec2/subnet'))
      if (!regions.has(value.vpcId)) regions.set(value.vpcId, regionOfZone(value.availabilityZone));
    const peerings = store.list('ec2/vpc-peering-connection');
    const natGateways = store
      .list('ec2/nat-gateway')
      .filter((it) => it.state === 'available' && it.connectivityType === 'public');
    for (const { value: vpc } of store.entries('ec2/vpc')) {
      const { vpcId } = vpc;
      this.#vpcs.set(vpcId, {
        vpc,
        region: regions.get(vpcId) ?? '',
        cidrs: parsed([...vpc.cidrBlocks, ...vpc.ipv6CidrBlocks].map((it) => it.cidrBlock)),
        subnets: new PrefixTrie(),
        internetGateway: gateways.get(vpcId),
        peerings: peerings.filter(
          (it) => it.requesterVpcId === vpcId || it.accepterVpcId === vpcId,
        ),
        natGateways: natGateways.filter((it) => it.vpcId === vpcId),
      });
    }
    this.#addSubnets();
    this.#addNatGateways();
    for (const { value } of store.entries('ec2/transit-gateway-attachment')) {
      const key = `${value.transitGatewayId} ${value.resourceId}`;
      if (!this.#attachments.has(key)) this.#attachments.set(key, value);
    }
    for (const { value } of store.entries('ec2/vpc-endpoint'))
      for (const id of value.networkInterfaceIds) this.#endpoints.set(id, value);
  }

  vpc(vpcId: string): VpcPlace | undefined {
    return this.#vpcs.get(vpcId);
  }

  subnet(subnetId: string): SubnetPlace | undefined {
    return this.#subnets.get(subnetId);
  }

  /** The edge route table of an internet or VPN gateway. */
  edgeTable(gatewayId: string): AssociatedTable | undefined {
    return this.#tables.get(gatewayId);
  }

  ready(table: RouteTable): ReadyTable {
    const held = this.#ready.get(table.routeTableId);
    if (held !== undefined) return held;
    const made = readyTable(table, (id) => this.#store.get('ec2/prefix-list', id));
    this.#ready.set(table.routeTableId, made);
    return made;
  }

  /** A transit gateway's route table; undefined: no document has it. */
  transitTable(id: string): TransitTable | undefined {
    const held = this.#transit.get(id);
    const table = this.#store.get('ec2/transit-gateway-route-table', id);
    if (held !== undefined || table === undefined) return held;
    const made = transitTable(this.#store, table);
    this.#transit.set(id, made);
    return made;
  }

  /** The NAT gateway that has a private address, where its interface is in no document. */
  natGatewayAt(vpcId: string, ip: Ip): NatGateway | undefined {
    return this.#natByAddress.get(`${vpcId} ${ip}`);
  }

  natGatewayByPublic(ip: Ip): NatGateway | undefined {
    return this.#natByPublic.get(ip);
  }

  /** How a VPC (or another transit gateway) hangs on a transit gateway. */
  attachment(transitGatewayId: string, resourceId: string): TransitGatewayAttachment | undefined {
    return this.#attachments.get(`${transitGatewayId} ${resourceId}`);
  }

  /** The endpoint an interface belongs to. */
  endpointOf(networkInterfaceId: string): VpcEndpoint | undefined {
    return this.#endpoints.get(networkInterfaceId);
  }

  #addSubnets(): void {
    const acls = associatedAcls(this.#store);
    for (const { value: subnet } of this.#store.entries('ec2/subnet')) {
      const vpc = this.#vpcs.get(subnet.vpcId);
      if (vpc === undefined) continue;
      const { subnetId, cidrBlock, ipv6CidrBlock } = subnet;
      const place: SubnetPlace = {
        subnet,
        vpc,
        cidrs: parsed([cidrBlock, ipv6CidrBlock?.cidrBlock ?? '']),
        table: this.#tables.get(subnetId) ?? this.#tables.get(subnet.vpcId),
        acl: acls.get(subnetId) ?? acls.get(subnet.vpcId),
      };
      this.#subnets.set(subnetId, place);
      for (const cidr of place.cidrs) vpc.subnets.insert(cidr, place);
    }
  }

  #addNatGateways(): void {
    for (const { value: gateway } of this.#store.entries('ec2/nat-gateway')) {
      if (gateway.state === 'deleted' || gateway.state === 'failed') continue;
      const ip = parseIp(gateway.privateIp);
      if (ip !== undefined) this.#natByAddress.set(`${gateway.vpcId} ${ip}`, gateway);
      const open = parseIp(gateway.publicIp ?? '');
      if (open !== undefined) this.#natByPublic.set(open, gateway);
    }
  }
}
