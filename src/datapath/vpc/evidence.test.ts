/**
 * Goal: what a walk cites decided it, and nothing else did. Method: random small networks; delete
 * every rule, entry, route and association in turn and walk again.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp, parseIp, replyTo } from '../../net/index.ts';
import type { Element, Hop } from '../trace.ts';
import { ended, packet, Recorder, TestNetwork } from './network.fixture.ts';
import type { VpcOutcome } from './outcome.ts';

const VPCS = ['vpc-1', 'vpc-2'] as const;
const BLOCKS: Readonly<Record<string, string>> = { 'vpc-1': '10.1.0.0/16', 'vpc-2': '10.2.0.0/16' };
const SUBNETS = [
  ['subnet-11', 'vpc-1', '10.1.1.0/24', 'us-west-2a'],
  ['subnet-12', 'vpc-1', '10.1.2.0/24', 'us-west-2b'],
  ['subnet-21', 'vpc-2', '10.2.1.0/24', 'us-west-2a'],
] as const;
const ENIS = [
  ['eni-111', 'subnet-11', '10.1.1.10=54.0.0.1 10.1.1.16/28'],
  ['eni-112', 'subnet-11', '10.1.1.11'],
  ['eni-121', 'subnet-12', '10.1.2.10=54.0.0.2'],
  ['eni-211', 'subnet-21', '10.2.1.10'],
] as const;

const block = fc.constantFrom(
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.1.0/24',
  '10.2.1.10/32',
  '8.8.8.0/24',
);
const ports = fc.constantFrom('443', '1024-65535', '32768-60999', '0-65535', '80-443');
const sgRule = fc
  .tuple(
    fc.constantFrom('in', 'out'),
    fc.constantFrom('tcp', 'tcp', 'all', 'udp'),
    ports,
    fc.oneof(block, fc.constantFrom('sg-1a', 'sg-1b', 'sg-2a', 'pl-1')),
  )
  .map(([way, protocol, range, peer]) =>
    protocol === 'all' ? `${way} all - ${peer}` : `${way} ${protocol} ${range} ${peer}`,
  );
const aclEntry = fc
  .tuple(
    fc.constantFrom('in', 'out'),
    fc.integer({ min: 90, max: 110 }),
    fc.constantFrom('allow', 'allow', 'deny'),
    fc.constantFrom('tcp', 'all'),
    ports,
    block,
  )
  .map(([way, number, action, protocol, range, cidr]) =>
    protocol === 'all'
      ? `${way} ${number} ${action} all - ${cidr}`
      : `${way} ${number} ${action} tcp ${range} ${cidr}`,
  );
const target = fc.constantFrom('igw-1', 'nat-1', 'pcx-1', 'tgw-1', 'nat-9 blackhole');
const oneRoute = fc
  .tuple(fc.oneof(block, fc.constantFrom('pl-1', '10.2.0.0/16')), target)
  .map(([to, by]) => `${to} ${by}`);
/** Some odd routes before the usual two. */
const someRoutes = fc
  .tuple(
    fc.array(oneRoute, { maxLength: 2 }),
    fc.constantFrom('0.0.0.0/0 igw-1', '0.0.0.0/0 nat-1'),
    fc.constantFrom('10.0.0.0/8 pcx-1', '10.0.0.0/8 tgw-1'),
  )
  .map(([odd, ...usual]) => [...odd, ...usual]);

const description = fc.record({
  rules: fc.array(fc.array(sgRule, { maxLength: 4 }), { minLength: 3, maxLength: 3 }),
  acls: fc.array(fc.array(aclEntry, { maxLength: 6 }), { minLength: 2, maxLength: 2 }),
  /** The third and further: the VPC's own, which is open. */
  aclOf: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 }),
  routes: fc.array(someRoutes, { minLength: 3, maxLength: 3 }),
  explicit: fc.array(fc.constantFrom(true, true, true, false), { minLength: 3, maxLength: 3 }),
  open: fc.constantFrom(0, 1, 2, 2, 2, 2),
  transit: fc.array(fc.constantFrom('10.2.0.0/16 2', '10.1.0.0/16 1', '10.0.0.0/8 -'), {
    maxLength: 3,
  }),
});
type Description = typeof description extends fc.Arbitrary<infer Value> ? Value : never;

function build(it: Description): TestNetwork {
  const net = new TestNetwork();
  for (const vpcId of VPCS) net.vpc(vpcId, BLOCKS[vpcId]!);
  for (const [id, vpcId, cidr, zone] of SUBNETS) net.subnet(id, vpcId, cidr, zone);
  net.put('ec2/prefix-list', { prefixListId: 'pl-1', entries: [{ cidr: '8.8.8.8/32' }] });
  ['sg-1a', 'sg-1b', 'sg-2a'].forEach((id, i) => {
    const everything = ['in all - 0.0.0.0/0', 'out all - 0.0.0.0/0'].slice(0, it.open);
    net.group(id, i < 2 ? 'vpc-1' : 'vpc-2', ...it.rules[i]!, ...everything);
  });
  for (const [id, subnetId, addresses] of ENIS)
    net.eni(id, subnetId, addresses, subnetId === 'subnet-21' ? ['sg-2a'] : ['sg-1a', 'sg-1b']);
  net.internetGateway('igw-1', 'vpc-1');
  net.natGateway('nat-1', 'subnet-12', '10.1.2.50', '54.0.0.9');
  SUBNETS.forEach(([id, vpcId], i) => {
    const routes = [`${BLOCKS[vpcId]} local`, ...it.routes[i]!];
    net.table(`rtb-${id}`, vpcId, routes, ...(it.explicit[i] === true ? [id] : []));
    const acl = it.aclOf[i]!;
    if (acl < 2) net.acl(`acl-${id}`, vpcId, it.acls[acl]!, [id]);
  });
  net.put('ec2/vpc-peering-connection', {
    vpcPeeringConnectionId: 'pcx-1',
    requesterVpcId: 'vpc-1',
    accepterVpcId: 'vpc-2',
    status: 'active',
  });
  net.put('ec2/transit-gateway', { transitGatewayId: 'tgw-1' });
  for (const n of [1, 2])
    net.put('ec2/transit-gateway-attachment', {
      attachmentId: `tgw-attach-${n}`,
      transitGatewayId: 'tgw-1',
      resourceType: 'vpc',
      resourceId: `vpc-${n}`,
      subnetIds: [`subnet-${n}1`],
      networkInterfaceIds: [],
      associatedRouteTableId: 'tgw-rtb-1',
    });
  net.put('ec2/transit-gateway-route-table', {
    transitGatewayRouteTableId: 'tgw-rtb-1',
    transitGatewayId: 'tgw-1',
    routes: [...new Set(it.transit)].map((text) => {
      const [destinationCidrBlock, n] = text.split(' ');
      return n === '-'
        ? { destinationCidrBlock, type: 'static', state: 'blackhole' }
        : {
            destinationCidrBlock,
            attachmentId: `tgw-attach-${n}`,
            type: 'static',
            state: 'active',
          };
    }),
    propagations: ['tgw-attach-2'],
  });
  return net;
}

interface Walk {
  readonly hops: readonly Hop[];
  readonly ends: readonly string[];
  readonly text: string;
}

/** There and back; everything the walk says. */
function walk(net: TestNetwork, from: string, to: string): Walk {
  const session = net.fabric.session();
  const there = new Recorder();
  const back = new Recorder();
  const sent = packet(`${from} -> ${to}:443`);
  const sender = net.fabric.ownersOf(parseIp(from)!)[0]?.networkInterface.networkInterfaceId;
  const outcome =
    sender === undefined
      ? session.fromOutside({ kind: 'internet' }, sent, there)
      : session.fromInterface(sender, sent, there);
  const answer: VpcOutcome =
    outcome.kind === 'stopped' ? outcome : session.answer(outcome, replyTo(outcome.packet), back);
  const hops = [...there.hops(), ...back.hops()];
  const ends = [outcome, answer].map(ended);
  const verdicts = [outcome, answer].map((it) => (it.kind === 'stopped' ? it.verdict : ''));
  const bigint = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? formatIp(value) : value;
  return { hops, ends, text: JSON.stringify([hops, ends, verdicts], bigint) };
}

/** One thing that can be taken away, named as evidence names it. */
interface Removal {
  readonly kind: Element['kind'];
  readonly object: string;
  readonly rule: string;
  remove(net: TestNetwork): void;
}

function removals(net: TestNetwork): readonly Removal[] {
  const { store } = net;
  const all: Removal[] = [];
  for (const group of store.list('ec2/security-group'))
    group.rules.forEach((one) => {
      all.push({
        kind: 'security-group-rule',
        object: group.groupId,
        rule: one.ruleId,
        remove: (at) =>
          at.put('ec2/security-group', {
            ...group,
            rules: group.rules.filter((rule) => rule !== one),
          }),
      });
    });
  for (const acl of store.list('ec2/network-acl')) {
    for (const one of acl.entries)
      all.push({
        kind: 'network-acl-entry',
        object: acl.networkAclId,
        rule: `${one.egress ? 'egress' : 'ingress'} ${one.ruleNumber}`,
        remove: (at) =>
          at.put('ec2/network-acl', { ...acl, entries: acl.entries.filter((it) => it !== one) }),
      });
    for (const one of acl.associations)
      all.push({
        kind: 'network-acl-association',
        object: acl.networkAclId,
        rule: one.associationId,
        remove: (at) => at.put('ec2/network-acl', { ...acl, associations: [] }),
      });
  }
  for (const table of store.list('ec2/route-table')) {
    for (const one of table.routes)
      all.push({
        kind: 'route',
        object: table.routeTableId,
        rule:
          one.destination.kind === 'prefix-list'
            ? one.destination.prefixListId
            : one.destination.cidr,
        remove: (at) =>
          at.put('ec2/route-table', { ...table, routes: table.routes.filter((it) => it !== one) }),
      });
    for (const one of table.associations)
      all.push({
        kind: 'route-table-association',
        object: table.routeTableId,
        rule: one.associationId,
        remove: (at) => at.put('ec2/route-table', { ...table, associations: [] }),
      });
  }
  for (const table of store.list('ec2/transit-gateway-route-table'))
    for (const one of table.routes)
      all.push({
        kind: 'transit-gateway-route',
        object: table.transitGatewayRouteTableId,
        rule: one.destinationCidrBlock,
        remove: (at) =>
          at.put('ec2/transit-gateway-route-table', {
            ...table,
            routes: table.routes.filter((it) => it !== one),
          }),
      });
  return all;
}

/** EC2 refuses these; only a test can make them. */
const isTwice = (all: readonly Removal[], it: Removal): boolean =>
  all.filter((a) => a.kind === it.kind && a.object === it.object && a.rule === it.rule).length > 1;

const INSIDE = ['10.1.1.10', '10.1.1.20', '10.1.1.11', '10.1.2.10', '10.2.1.10'] as const;
const ends = fc.oneof(
  fc
    .tuple(fc.constantFrom(...INSIDE), fc.constantFrom(...INSIDE, '8.8.8.8', '10.1.9.9'))
    .filter(([from, to]) => from !== to),
  fc.tuple(fc.constantFrom(...INSIDE), fc.constantFrom('8.8.8.8', '54.0.0.2')),
  fc.tuple(fc.constant('9.9.9.9'), fc.constantFrom('54.0.0.1', '54.0.0.2', '54.0.0.9')),
);

describe('evidence', () => {
  it('a walk always ends, and twice the same way', () => {
    fc.assert(
      fc.property(description, ends, (it, [from, to]) => {
        const [first, second] = [walk(build(it), from, to), walk(build(it), from, to)];
        expect(first.text).toBe(second.text);
        expect(first.ends[0]).toMatch(/^(at|out to|stopped) \S/);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('taking away what is cited changes the walk; taking away the rest does not', () => {
    let cited = 0;
    let uncited = 0;
    let delivered = 0;
    fc.assert(
      fc.property(description, ends, (it, [from, to]) => {
        const net = build(it);
        const before = walk(net, from, to);
        if (!before.ends[1]!.startsWith('stopped')) delivered++;
        const steps = before.hops.flatMap((hop) => hop.steps);
        const decisive = steps.flatMap(({ evidence }) => evidence.decisive);
        const considered = steps.flatMap(({ evidence }) => evidence.considered ?? []);
        const all = removals(net);
        for (const removal of all) {
          if (isTwice(all, removal)) continue;
          const names = (element: Element): boolean =>
            element.kind === removal.kind &&
            element.object === removal.object &&
            element.rule === removal.rule;
          const changed = build(it);
          removal.remove(changed);
          const after = walk(changed, from, to);
          const what = `${removal.kind} ${removal.object} ${removal.rule}`;
          if (decisive.some(names)) {
            cited++;
            expect(after.text, `decisive ${what}`).not.toBe(before.text);
          } else if (!considered.some(names)) {
            uncited++;
            expect(after.text, `uncited ${what}`).toBe(before.text);
          }
        }
      }),
      { numRuns: 500, seed: 2 },
    );
    // A checker that saw nothing fails.
    expect(cited).toBeGreaterThan(1500);
    expect(uncited).toBeGreaterThan(10_000);
    expect(delivered).toBeGreaterThan(60);
  });

  it('a fabric that follows its store says what a new one says', () => {
    fc.assert(
      fc.property(description, description, ends, (before, after, [from, to]) => {
        const net = build(before);
        walk(net, from, to);
        for (const kind of ['ec2/security-group', 'ec2/route-table', 'ec2/network-acl'] as const)
          for (const { key } of [...net.store.entries(kind)]) net.store.delete(kind, key);
        const fresh = build(after);
        for (const kind of [
          'ec2/security-group',
          'ec2/route-table',
          'ec2/network-acl',
          'ec2/transit-gateway-route-table',
        ] as const)
          for (const { key, value } of fresh.store.entries(kind))
            net.store.put(kind, key, value as never);
        expect(walk(net, from, to).text).toBe(walk(fresh, from, to).text);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
