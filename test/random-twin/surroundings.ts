/**
 * test/random-twin/surroundings — what stands around a cluster in AWS: a database and an instance
 * beside it, a second VPC over peering or a transit gateway, endpoints, prefix lists.
 */
import type { NetworkInterface } from '../../src/model/ec2/network-interface.ts';
import type { Subnet } from '../../src/model/ec2/subnet.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import type { Random } from '../../src/sim/random.ts';
import { pick, sometimes } from './draw.ts';
import { put } from './put.ts';

const OWNER = '111122223333';
export const PREFIX_LIST = 'pl-0000000000000000a';
export const FAR_BLOCK = '10.50.0.0/16';
export const FAR_VPC = 'vpc-0fa00000000000000';
export const FAR_SUBNET = 'subnet-0fa00000000000000';
export const TRANSIT_TABLE = 'tgw-rtb-0000000000000000a';
export const GROUPS = {
  database: 'sg-0db00000000000000',
  instance: 'sg-01100000000000000',
  far: 'sg-0fa00000000000000',
  endpoint: 'sg-0e000000000000000',
} as const;

/** An interface with one address; `instanceId` puts an instance behind it. */
function putInterface(
  store: TwinStore,
  it: {
    readonly id: string;
    readonly subnet: Pick<Subnet, 'availabilityZone'> & {
      readonly subnetId: string;
      readonly vpcId: string;
    };
    readonly address: string;
    readonly groups: readonly string[];
    readonly instanceId?: string;
    readonly more?: Partial<NetworkInterface>;
  },
): void {
  const { id, subnet, address, instanceId } = it;
  const attachment = {
    attachmentId: `eni-attach-${id.slice(4)}`,
    instanceId,
    instanceOwnerId: OWNER,
    deviceIndex: 0,
    networkCardIndex: 0,
    deleteOnTermination: true,
    attachedAtMs: 0,
  };
  put(store, 'ec2/network-interface', id, {
    networkInterfaceId: id,
    subnetId: subnet.subnetId,
    vpcId: subnet.vpcId,
    ownerId: OWNER,
    availabilityZone: subnet.availabilityZone,
    description: '',
    interfaceType: 'interface',
    macAddress: '0a:00:00:00:00:01',
    requesterManaged: false,
    sourceDestCheck: true,
    status: 'in-use',
    privateIpAddresses: [{ address, primary: true }],
    ipv4Prefixes: [],
    ipv6Addresses: [],
    ipv6Prefixes: [],
    groups: it.groups,
    attachment,
    createdAtMs: 0,
    tags: {},
    ...it.more,
  });
  if (instanceId === undefined) return;
  put(store, 'ec2/instance', instanceId, {
    instanceId,
    instanceType: 't3.micro',
    imageId: 'ami-0',
    state: 'running',
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIpAddress: address,
    privateDnsName: '',
    httpTokens: 'required',
    httpPutResponseHopLimit: 1,
    launchedAtMs: 0,
    tags: {},
  });
}

function putGroup(store: TwinStore, groupId: string, vpcId: string): void {
  const rule = (ruleId: string, direction: 'ingress' | 'egress', cidr: string) => ({
    ruleId: `${groupId.replace('sg-', 'sgr-')}${ruleId}`,
    direction,
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    peer: { kind: 'ipv4' as const, cidr },
    tags: {},
  });
  put(store, 'ec2/security-group', groupId, {
    groupId,
    groupName: groupId,
    description: '',
    vpcId,
    ownerId: OWNER,
    rules: [
      rule('a', 'egress', '0.0.0.0/0'),
      rule('b', 'ingress', '10.0.0.0/8'),
      rule('c', 'ingress', '10.20.0.0/16'),
    ],
    tags: {},
  });
}

/** Host `n` of a block, `10.20.32.0/19` and 9: `10.20.32.9`. */
const hostOf = (cidr: string, n: number): string =>
  cidr.replace(/\.(\d+)\/\d+$/, (_, last) => `.${Number(last) + n}`);

function putFarVpc(store: TwinStore, near: Subnet): void {
  const nearVpc = store.get('ec2/vpc', near.vpcId)!;
  const associationId = 'vpc-cidr-assoc-0fa';
  put(store, 'ec2/vpc', FAR_VPC, {
    ...nearVpc,
    vpcId: FAR_VPC,
    cidrBlock: FAR_BLOCK,
    cidrBlocks: [{ associationId, cidrBlock: FAR_BLOCK }],
    ipv6CidrBlocks: [],
    tags: {},
  });
  const { ipv6CidrBlock: _, ...plain } = near;
  const subnet = {
    ...plain,
    subnetId: FAR_SUBNET,
    vpcId: FAR_VPC,
    cidrBlock: '10.50.1.0/24',
    tags: {},
  };
  put(store, 'ec2/subnet', FAR_SUBNET, subnet);
  putGroup(store, GROUPS.far, FAR_VPC);
  putInterface(store, {
    id: 'eni-0fa00000000000000',
    subnet,
    address: '10.50.1.10',
    groups: [GROUPS.far],
    instanceId: 'i-0fa00000000000000',
  });
  const table = store.list('ec2/route-table').find(({ vpcId }) => vpcId === near.vpcId)!;
  const local = { kind: 'ipv4' as const, cidr: FAR_BLOCK };
  put(store, 'ec2/route-table', 'rtb-0fa00000000000000', {
    ...table,
    routeTableId: 'rtb-0fa00000000000000',
    vpcId: FAR_VPC,
    routes: [
      {
        destination: local,
        target: { kind: 'local' },
        state: 'active',
        origin: 'CreateRouteTable',
      },
    ],
    associations: [{ associationId: 'rtbassoc-0fa00000000000000', main: true }],
    propagatingVgws: [],
    tags: {},
  });
  const acl = store.list('ec2/network-acl').find(({ vpcId }) => vpcId === near.vpcId)!;
  const open = [false, true].map((egress) => ({
    ruleNumber: 100,
    egress,
    protocol: -1,
    action: 'allow' as const,
    cidrBlock: '0.0.0.0/0',
  }));
  put(store, 'ec2/network-acl', 'acl-0fa00000000000000', {
    ...acl,
    networkAclId: 'acl-0fa00000000000000',
    vpcId: FAR_VPC,
    isDefault: true,
    entries: open,
    associations: [{ associationId: 'aclassoc-0fa00000000000000', subnetId: FAR_SUBNET }],
    tags: {},
  });
}

function putTransit(store: TwinStore, near: Subnet): void {
  const transitGatewayId = 'tgw-0000000000000000a';
  put(store, 'ec2/transit-gateway', transitGatewayId, { transitGatewayId, tags: {} });
  const ends = [
    ['tgw-attach-0000000000000000a', near],
    ['tgw-attach-0000000000000000b', store.get('ec2/subnet', FAR_SUBNET)!],
  ] as const;
  for (const [attachmentId, subnet] of ends)
    put(store, 'ec2/transit-gateway-attachment', attachmentId, {
      attachmentId,
      transitGatewayId,
      resourceType: 'vpc',
      resourceId: subnet.vpcId,
      subnetIds: [subnet.subnetId],
      networkInterfaceIds: [],
      associatedRouteTableId: TRANSIT_TABLE,
      tags: {},
    });
  put(store, 'ec2/transit-gateway-route-table', TRANSIT_TABLE, {
    transitGatewayRouteTableId: TRANSIT_TABLE,
    transitGatewayId,
    routes: [],
    propagations: ends.map(([id]) => id),
    tags: {},
  });
}

function putEndpoints(store: TwinStore, random: Random, near: Subnet): void {
  const region = near.availabilityZone.slice(0, -1);
  const tables = store.list('ec2/route-table').filter(({ vpcId }) => vpcId === near.vpcId);
  if (store.count('ec2/vpc-endpoint') > 0) return;
  put(store, 'ec2/vpc-endpoint', 'vpce-0000000000000000a', {
    vpcEndpointId: 'vpce-0000000000000000a',
    vpcId: near.vpcId,
    type: 'Interface',
    serviceName: `com.amazonaws.${region}.sts`,
    state: 'available',
    privateDnsEnabled: sometimes(random, 0.7),
    routeTableIds: [],
    subnetIds: [near.subnetId],
    networkInterfaceIds: ['eni-0e000000000000000'],
    groups: [GROUPS.endpoint],
    tags: {},
  });
  putGroup(store, GROUPS.endpoint, near.vpcId);
  putInterface(store, {
    id: 'eni-0e000000000000000',
    subnet: near,
    address: hostOf(near.cidrBlock, 7),
    groups: [GROUPS.endpoint],
    more: { interfaceType: 'vpc_endpoint', requesterManaged: true },
  });
  const list = `pl-0000000000000000b`;
  put(store, 'ec2/prefix-list', list, {
    prefixListId: list,
    prefixListName: `com.amazonaws.${region}.s3`,
    addressFamily: 'IPv4',
    maxEntries: 0,
    entries: [{ cidr: '192.0.2.0/25' }, { cidr: '198.51.100.0/25' }],
    awsManaged: true,
    tags: {},
  });
  put(store, 'ec2/vpc-endpoint', 'vpce-0000000000000000b', {
    vpcEndpointId: 'vpce-0000000000000000b',
    vpcId: near.vpcId,
    type: 'Gateway',
    serviceName: `com.amazonaws.${region}.s3`,
    state: 'available',
    privateDnsEnabled: false,
    routeTableIds: tables.map(({ routeTableId }) => routeTableId),
    subnetIds: [],
    networkInterfaceIds: [],
    groups: [],
    tags: {},
  });
  for (const table of tables)
    put(store, 'ec2/route-table', table.routeTableId, {
      ...table,
      routes: [
        ...table.routes,
        {
          destination: { kind: 'prefix-list', prefixListId: list },
          target: { kind: 'vpc-endpoint', id: 'vpce-0000000000000000b' },
          state: 'active',
          origin: 'CreateRoute',
        },
      ],
    });
}

/** Puts everything around the cluster that stands in a store; the subnet of node `0` is near it. */
export function surround(store: TwinStore, random: Random): void {
  const [eni] = store
    .list('ec2/network-interface')
    .filter(({ attachment }) => attachment?.instanceId);
  const near = store.get('ec2/subnet', eni?.subnetId ?? '') ?? store.list('ec2/subnet')[0]!;
  const subnets = store.list('ec2/subnet').filter(({ vpcId }) => vpcId === near.vpcId);
  putGroup(store, GROUPS.database, near.vpcId);
  putGroup(store, GROUPS.instance, near.vpcId);
  const database = pick(random, subnets);
  putInterface(store, {
    id: 'eni-0db00000000000000',
    subnet: database,
    address: hostOf(database.cidrBlock, 9),
    groups: [GROUPS.database],
    more: {
      description: 'RDSNetworkInterface',
      requesterManaged: true,
      listens: [{ protocol: 'tcp', port: 5432 }],
      tags: { 'ekstwin:db-instance': 'ledger' },
    },
  });
  const beside = pick(random, subnets);
  putInterface(store, {
    id: 'eni-01100000000000000',
    subnet: beside,
    address: hostOf(beside.cidrBlock, 8),
    groups: [GROUPS.instance],
    instanceId: 'i-01100000000000000',
  });
  putFarVpc(store, near);
  if (sometimes(random, 0.5)) putTransit(store, near);
  put(store, 'ec2/vpc-peering-connection', 'pcx-0000000000000000a', {
    vpcPeeringConnectionId: 'pcx-0000000000000000a',
    requesterVpcId: near.vpcId,
    accepterVpcId: FAR_VPC,
    status: 'active',
    tags: {},
  });
  if (sometimes(random, 0.6)) putEndpoints(store, random, near);
  put(store, 'ec2/prefix-list', PREFIX_LIST, {
    prefixListId: PREFIX_LIST,
    prefixListName: 'offices',
    addressFamily: 'IPv4',
    maxEntries: 5,
    entries: [{ cidr: '10.20.0.0/18' }, { cidr: '203.0.113.0/24' }, { cidr: FAR_BLOCK }],
    awsManaged: false,
    tags: {},
  });
}
