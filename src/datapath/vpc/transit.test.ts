/** Goal: transit gateways carry packets as AWS's do. Method: VPCs on one or two gateways. */
import { describe, expect, it } from 'vitest';
import { replyTo } from '../../net/index.ts';
import { ended, packet, Recorder, TestNetwork } from './network.fixture.ts';
import type { VpcOutcome } from './outcome.ts';

const attach = (net: TestNetwork, n: number | string, resource: object, table = 'tgw-rtb-1') =>
  net.put('ec2/transit-gateway-attachment', {
    attachmentId: `tgw-attach-${n}`,
    transitGatewayId: 'tgw-1',
    resourceType: 'vpc',
    resourceId: `vpc-${n}`,
    subnetIds: [],
    networkInterfaceIds: [],
    ...(table === '' ? {} : { associatedRouteTableId: table }),
    ...resource,
  });

const transitTable = (net: TestNetwork, id: string, gateway: string, ...routes: string[]) =>
  net.put('ec2/transit-gateway-route-table', {
    transitGatewayRouteTableId: id,
    transitGatewayId: gateway,
    routes: routes.map((text) => {
      const [destinationCidrBlock, attachmentId, type = 'static'] = text.split(' ');
      return attachmentId === 'blackhole'
        ? { destinationCidrBlock, type: 'static', state: 'blackhole' }
        : { destinationCidrBlock, attachmentId, type, state: 'active' };
    }),
    propagations: [],
  });

/** vpc-1 and vpc-2 on tgw-1; vpc-1 has a second zone without attachment. */
function joined(): TestNetwork {
  const net = new TestNetwork();
  for (const n of [1, 2]) {
    net.vpc(`vpc-${n}`, `10.${n}.0.0/16`);
    net.subnet(`subnet-${n}`, `vpc-${n}`, `10.${n}.0.0/24`);
    net.subnet(`subnet-${n}-tgw`, `vpc-${n}`, `10.${n}.255.0/28`);
    net.group(`sg-${n}`, `vpc-${n}`, 'out all - 0.0.0.0/0', 'in tcp 443 10.0.0.0/8');
    net.eni(`eni-${n}`, `subnet-${n}`, `10.${n}.0.9`, [`sg-${n}`]);
    const routes = [`10.${n}.0.0/16 local`, '0.0.0.0/0 tgw-1'];
    net.table(`rtb-${n}`, `vpc-${n}`, routes, `subnet-${n}`, `subnet-${n}-b`);
    attach(net, n, { subnetIds: [`subnet-${n}-tgw`] });
  }
  net.subnet('subnet-1-b', 'vpc-1', '10.1.1.0/24', 'us-west-2b');
  net.eni('eni-1b', 'subnet-1-b', '10.1.1.9', ['sg-1']);
  net.put('ec2/transit-gateway', { transitGatewayId: 'tgw-1' });
  const propagated = [1, 2].map((n) => `10.${n}.0.0/16 tgw-attach-${n} propagated`);
  transitTable(net, 'tgw-rtb-1', 'tgw-1', ...propagated);
  return net;
}

function send(net: TestNetwork, eni: string, text: string) {
  const session = net.fabric.session();
  const recorder = new Recorder();
  const outcome = session.fromInterface(eni, packet(text), recorder);
  const back: VpcOutcome =
    outcome.kind === 'stopped'
      ? outcome
      : session.answer(outcome, replyTo(outcome.packet), new Recorder());
  const nodes = recorder.hops().map(({ node }) => node);
  return { outcome, end: ended(outcome), back: ended(back), nodes };
}

const codeOf = (outcome: VpcOutcome): string | undefined =>
  outcome.kind === 'stopped' ? outcome.verdict.code : undefined;

describe('transit gateways', () => {
  it('carry a packet to another VPC and its answer back', () => {
    const there = send(joined(), 'eni-1', '10.1.0.9 -> 10.2.0.9:443');
    expect(there.end).toBe('at eni-2');
    expect(there.back).toBe('at eni-1');
    expect(there.nodes).toEqual([
      'eni-1',
      'subnet-1',
      'subnet-1-tgw',
      'tgw-1',
      'subnet-2-tgw',
      'subnet-2',
      'eni-2',
    ]);
  });

  it('take nothing from a zone that has no subnet of the attachment', () => {
    const { outcome } = send(joined(), 'eni-1b', '10.1.1.9 -> 10.2.0.9:443');
    expect(codeOf(outcome)).toBe('TGW_ATTACH_VPC_AZ_RESTRICTION');
  });

  it("ask the attachment subnet's ACL on the way in, and not for its own subnet's answers", () => {
    const net = joined();
    net.acl('acl-tgw', 'vpc-1', ['in 100 deny tcp 443 10.1.0.0/16'], ['subnet-1-tgw']);
    const { outcome } = send(net, 'eni-1', '10.1.0.9 -> 10.2.0.9:443');
    expect(codeOf(outcome)).toBe('SUBNET_ACL_RESTRICTION');
    net.acl('acl-tgw', 'vpc-1', [], []);
    net.acl('acl-tgw-2', 'vpc-2', [], ['subnet-2']);
    attach(net, 2, { subnetIds: ['subnet-2'] });
    // From the gateway into the attachment's own subnet no ACL is asked; for the answer it is.
    const there = send(net, 'eni-1', '10.1.0.9 -> 10.2.0.9:443');
    expect(there.end).toBe('at eni-2');
    expect(there.back).toBe('stopped denied-by-network-acl');
  });

  it('need an association, a route, and no black hole', () => {
    const net = joined();
    transitTable(net, 'tgw-rtb-1', 'tgw-1', '10.1.0.0/16 tgw-attach-1');
    const ask = () => codeOf(send(net, 'eni-1', '10.1.0.9 -> 10.2.0.9:443').outcome);
    expect(ask()).toBe('TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT');
    transitTable(net, 'tgw-rtb-1', 'tgw-1', '10.2.0.0/16 blackhole');
    expect(ask()).toBe('TGW_RTB_BAD_STATE_ROUTE');
    attach(net, 1, { subnetIds: ['subnet-1-tgw'] }, '');
    expect(ask()).toBe('TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION');
  });

  it('prefer a static route to a propagated one of the same length', () => {
    const net = joined();
    attach(net, 'vpn', { resourceType: 'vpn', resourceId: 'vpn-1' });
    const routes = ['10.2.0.0/16 tgw-attach-2 propagated', '10.2.0.0/16 tgw-attach-vpn'];
    transitTable(net, 'tgw-rtb-1', 'tgw-1', ...routes, '10.1.0.0/16 tgw-attach-1');
    const there = send(net, 'eni-1', '10.1.0.9 -> 10.2.0.9:443');
    expect(there.end).toBe('out to vpn by tgw-attach-vpn');
    expect(there.back).toBe('at eni-1');
  });

  it('lead to a peered gateway, and back by its own table', () => {
    const net = joined();
    net.put('ec2/transit-gateway', { transitGatewayId: 'tgw-2' });
    const peer = { associatedRouteTableId: 'tgw-rtb-2' };
    attach(net, 'peer', { resourceType: 'peering', resourceId: 'tgw-2', peer });
    attach(net, 2, { transitGatewayId: 'tgw-2', subnetIds: ['subnet-2-tgw'] }, 'tgw-rtb-2');
    net.table('rtb-2', 'vpc-2', ['10.2.0.0/16 local', '0.0.0.0/0 tgw-2'], 'subnet-2');
    const near = ['10.1.0.0/16 tgw-attach-1', '10.2.0.0/16 tgw-attach-peer'];
    transitTable(net, 'tgw-rtb-1', 'tgw-1', ...near);
    const far = ['10.2.0.0/16 tgw-attach-2', '10.1.0.0/16 tgw-attach-peer'];
    transitTable(net, 'tgw-rtb-2', 'tgw-2', ...far);
    const there = send(net, 'eni-1', '10.1.0.9 -> 10.2.0.9:443');
    expect(there.end).toBe('at eni-2');
    expect(there.nodes.filter((it) => it.startsWith('tgw-'))).toEqual(['tgw-1', 'tgw-2']);
    expect(there.back).toBe('at eni-1');
  });

  it('drop what is longer than 8500 bytes, and tell nobody', () => {
    const net = joined();
    const session = net.fabric.session();
    const long = packet('10.1.0.9 -> 10.2.0.9:443', { sizeBytes: 9001, dontFragment: false });
    const outcome = session.fromInterface('eni-1', long, new Recorder());
    expect(outcome.kind === 'stopped' && outcome.verdict.text).toContain('the sender is not told');
  });

  it('let rules name groups of the other VPC where referencing is on', () => {
    const net = joined();
    net.group('sg-2', 'vpc-2', 'in tcp 443 sg-1', 'out all - 0.0.0.0/0');
    const ask = () => send(net, 'eni-1', '10.1.0.9 -> 10.2.0.9:443').end;
    expect(ask()).toBe('stopped denied-by-security-group');
    net.put('ec2/transit-gateway', { transitGatewayId: 'tgw-1', allowsGroupReferences: true });
    expect(ask()).toBe('at eni-2');
    attach(net, 2, { subnetIds: ['subnet-2-tgw'], allowsGroupReferences: false });
    expect(ask()).toBe('stopped denied-by-security-group');
  });

  it('bring a spoke to the internet through the NAT gateway of a hub, and back', () => {
    const net = joined();
    net.subnet('subnet-2-pub', 'vpc-2', '10.2.8.0/24');
    net.internetGateway('igw-2', 'vpc-2');
    net.natGateway('nat-2', 'subnet-2-pub', '10.2.8.8', '3.3.3.3');
    net.table('rtb-hub', 'vpc-2', ['10.2.0.0/16 local', '0.0.0.0/0 nat-2'], 'subnet-2-tgw');
    const open = ['10.2.0.0/16 local', '10.0.0.0/8 tgw-1', '0.0.0.0/0 igw-2'];
    net.table('rtb-pub', 'vpc-2', open, 'subnet-2-pub');
    const routes = ['0.0.0.0/0 tgw-attach-2', '10.1.0.0/16 tgw-attach-1'];
    transitTable(net, 'tgw-rtb-1', 'tgw-1', ...routes);
    const there = send(net, 'eni-1', '10.1.0.9 -> 8.8.8.8:443');
    expect(there.end).toBe('out to internet by igw-2');
    expect(there.back).toBe('at eni-1');
  });

  it('a ring of routes ends', () => {
    const net = joined();
    net.table('rtb-ring', 'vpc-2', ['10.2.0.0/16 local', '0.0.0.0/0 tgw-1'], 'subnet-2-tgw');
    transitTable(net, 'tgw-rtb-1', 'tgw-1', '0.0.0.0/0 tgw-attach-2');
    const { outcome } = send(net, 'eni-1', '10.1.0.9 -> 8.8.8.8:443');
    expect(codeOf(outcome)).toBe('ROUTING_LOOP');
  });
});
