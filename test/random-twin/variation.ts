/**
 * test/random-twin/variation — a different twin out of a standing one: rules, entries, routes,
 * Services, endpoints and node settings are changed in the store, as a person or an export may.
 */
import type {
  PrefixListId,
  SecurityGroupId,
  SecurityGroupRuleId,
} from '../../src/model/ec2/ids.ts';
import type { NetworkAclEntry } from '../../src/model/ec2/network-acl.ts';
import type { Route } from '../../src/model/ec2/route-table.ts';
import type { RulePeer, SecurityGroupRule } from '../../src/model/ec2/security-group.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import type { Random } from '../../src/sim/random.ts';
import { pick, several, some, sometimes } from './draw.ts';
import { put } from './put.ts';
import { FAR_BLOCK, FAR_VPC, PREFIX_LIST, TRANSIT_TABLE } from './surroundings.ts';
import { varyKubernetes } from './variation-kubernetes.ts';

const BLOCKS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.20.0.0/16',
  '10.20.0.0/18',
  '10.20.64.0/18',
  '198.51.100.0/24',
  '203.0.113.0/24',
  FAR_BLOCK,
] as const;
const PORTS = [
  [443, 443],
  [5432, 5432],
  [53, 53],
  [80, 8080],
  [10250, 10250],
  [30000, 32767],
  [1024, 65535],
  [0, 65535],
] as const;

function drawPeer(random: Random, groups: readonly SecurityGroupId[]): RulePeer {
  const kind = random.int(10);
  if (kind === 0) return { kind: 'prefix-list', prefixListId: PREFIX_LIST as PrefixListId };
  if (kind === 1) return { kind: 'ipv6', cidr: '::/0' };
  if (kind < 5) return { kind: 'group', groupId: pick(random, groups) };
  return { kind: 'ipv4', cidr: pick(random, BLOCKS) };
}

function drawRule(
  random: Random,
  ruleId: string,
  groups: readonly SecurityGroupId[],
): SecurityGroupRule {
  const protocol = pick(random, ['tcp', 'tcp', 'udp', 'icmp', '-1']);
  const [fromPort, toPort] =
    protocol === 'tcp' || protocol === 'udp' ? pick(random, PORTS) : [-1, -1];
  const direction = sometimes(random, 0.7) ? 'ingress' : 'egress';
  return {
    ruleId: ruleId as SecurityGroupRuleId,
    direction,
    protocol,
    fromPort,
    toPort,
    peer: drawPeer(random, groups),
    tags: {},
  };
}

function varySecurityGroups(store: TwinStore, random: Random): void {
  const groups = store.list('ec2/security-group');
  const ids = groups.map(({ groupId }) => groupId);
  for (const group of groups) {
    const kept = sometimes(random, 0.75) ? group.rules : some(random, group.rules, 5);
    let drawn = 0;
    const added = several(random, 4, () => {
      const ruleId = `${group.groupId.replace('sg-', 'sgr-')}${drawn++}`;
      return drawRule(random, ruleId, ids);
    });
    store.put('ec2/security-group', group.groupId, { ...group, rules: [...kept, ...added] });
  }
}

function drawEntry(random: Random, ruleNumber: number, egress: boolean): NetworkAclEntry {
  const protocol = pick(random, [-1, 6, 6, 17, 1]);
  const ports = protocol === 6 || protocol === 17 ? pick(random, PORTS) : undefined;
  return {
    ruleNumber,
    egress,
    protocol,
    action: sometimes(random, 0.7) ? 'allow' : 'deny',
    ...(sometimes(random, 0.1) ? { ipv6CidrBlock: '::/0' } : { cidrBlock: pick(random, BLOCKS) }),
    ...(ports === undefined ? {} : { portRange: { from: ports[0], to: ports[1] } }),
    ...(protocol === 1 ? { icmp: { type: -1, code: -1 } } : {}),
  };
}

/** Some subnets get an ACL of their own; most end in one that lets the rest pass. */
function varyNetworkAcls(store: TwinStore, random: Random): void {
  for (const subnet of store.list('ec2/subnet')) {
    if (!sometimes(random, 0.3)) continue;
    const id = `acl-${subnet.subnetId.slice('subnet-'.length)}`;
    const isOpen = sometimes(random, 0.8);
    const entries = [false, true].flatMap((egress) => [
      ...[90, 100, 110].flatMap((n) =>
        sometimes(random, 0.5) ? [drawEntry(random, n, egress)] : [],
      ),
      ...(isOpen
        ? [
            {
              ruleNumber: 200,
              egress,
              protocol: -1,
              action: 'allow' as const,
              cidrBlock: '0.0.0.0/0',
            },
            {
              ruleNumber: 201,
              egress,
              protocol: -1,
              action: 'allow' as const,
              ipv6CidrBlock: '::/0',
            },
          ]
        : []),
    ]);
    for (const acl of store.list('ec2/network-acl')) {
      const associations = acl.associations.filter(({ subnetId }) => subnetId !== subnet.subnetId);
      if (associations.length < acl.associations.length)
        store.put('ec2/network-acl', acl.networkAclId, { ...acl, associations });
    }
    put(store, 'ec2/network-acl', id, {
      networkAclId: id,
      vpcId: subnet.vpcId,
      ownerId: subnet.ownerId,
      isDefault: false,
      entries,
      associations: [{ associationId: `aclassoc-${id.slice(4)}`, subnetId: subnet.subnetId }],
      tags: {},
    });
  }
}

function drawRoute(random: Random, store: TwinStore, vpcId: string): Route {
  const ids = (
    kind: 'ec2/internet-gateway' | 'ec2/nat-gateway',
    word: 'internet-gateway' | 'nat-gateway',
  ) =>
    store
      .list(kind)
      .flatMap((it) =>
        it.vpcId === vpcId
          ? [{ kind: word, id: 'natGatewayId' in it ? it.natGatewayId : it.internetGatewayId }]
          : [],
      );
  const targets = [
    ...ids('ec2/internet-gateway', 'internet-gateway'),
    ...ids('ec2/nat-gateway', 'nat-gateway'),
    { kind: 'vpc-peering-connection' as const, id: 'pcx-0000000000000000a' },
    { kind: 'transit-gateway' as const, id: 'tgw-0000000000000000a' },
    { kind: 'instance' as const, id: 'i-01100000000000000' },
  ];
  const cidr = pick(random, [
    '0.0.0.0/0',
    '10.0.0.0/8',
    FAR_BLOCK,
    '203.0.113.0/24',
    '10.50.1.0/24',
  ]);
  return {
    destination: sometimes(random, 0.15)
      ? { kind: 'prefix-list', prefixListId: PREFIX_LIST }
      : { kind: 'ipv4', cidr },
    target: pick(random, targets),
    state: sometimes(random, 0.1) ? 'blackhole' : 'active',
    origin: 'CreateRoute',
  };
}

const destinationOf = ({ destination: it }: Route): string =>
  it.kind === 'prefix-list' ? it.prefixListId : it.cidr;

function varyRouteTables(store: TwinStore, random: Random): void {
  const hasTransit = store.get('ec2/transit-gateway-route-table', TRANSIT_TABLE) !== undefined;
  const between =
    hasTransit && sometimes(random, 0.5)
      ? { kind: 'transit-gateway' as const, id: 'tgw-0000000000000000a' }
      : { kind: 'vpc-peering-connection' as const, id: 'pcx-0000000000000000a' };
  for (const table of store.list('ec2/route-table')) {
    const there = table.vpcId === FAR_VPC ? '10.20.0.0/16' : FAR_BLOCK;
    const usual: Route = {
      destination: { kind: 'ipv4', cidr: there },
      target: between,
      state: 'active',
      origin: 'CreateRoute',
    };
    const drawn = [
      ...(sometimes(random, 0.8) ? [usual] : []),
      ...several(random, 1, () => drawRoute(random, store, table.vpcId)),
    ];
    const kept = table.routes.filter(
      ({ target }) => target.kind === 'local' || sometimes(random, 0.93),
    );
    // EC2 has one route a destination.
    const byDestination = new Map([...drawn, ...kept].map((it) => [destinationOf(it), it]));
    const associations = table.associations.filter(({ main }) => main || sometimes(random, 0.93));
    store.put('ec2/route-table', table.routeTableId, {
      ...table,
      routes: [...byDestination.values()],
      associations,
    });
  }
  const transit = store.get('ec2/transit-gateway-route-table', TRANSIT_TABLE);
  if (transit === undefined || sometimes(random, 0.5)) return;
  store.put('ec2/transit-gateway-route-table', TRANSIT_TABLE, {
    ...transit,
    routes: [
      {
        destinationCidrBlock: pick(random, [FAR_BLOCK, '10.50.1.0/24', '10.20.0.0/16']),
        attachmentId: `tgw-attach-0000000000000000${pick(random, ['a', 'b'])}`,
        type: 'static',
        state: pick(random, ['active', 'active', 'blackhole']),
      },
    ],
  });
}

/** Changes the AWS and the Kubernetes side of a twin that stands still. */
export function vary(store: TwinStore, random: Random): void {
  varySecurityGroups(store, random);
  varyNetworkAcls(store, random);
  varyRouteTables(store, random);
  varyKubernetes(store, random);
}
