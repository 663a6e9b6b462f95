/** Goal: packets in AWS go where AWS would take them. Method: small networks, one question each. */
import { describe, expect, it } from 'vitest';
import { formatPacket, type Packet, replyTo } from '../../net/index.ts';
import { ended, packet, Recorder, stepsOf, TestNetwork } from './network.fixture.ts';
import type { OutsidePlace, VpcOutcome } from './outcome.ts';

/** Two subnets, a public one with a NAT gateway, a web and a database interface. */
function twoTier(): TestNetwork {
  const net = new TestNetwork();
  net.vpc('vpc-1', '10.0.0.0/16');
  net.subnet('subnet-web', 'vpc-1', '10.0.3.0/24');
  net.subnet('subnet-db', 'vpc-1', '10.0.5.0/24', 'us-west-2b');
  net.subnet('subnet-public', 'vpc-1', '10.0.1.0/24');
  net.internetGateway('igw-1', 'vpc-1');
  net.natGateway('nat-1', 'subnet-public', '10.0.1.50', '3.3.3.3');
  const out = ['10.0.0.0/16 local', '0.0.0.0/0 nat-1'];
  net.table('rtb-web', 'vpc-1', out, 'subnet-web');
  net.table('rtb-public', 'vpc-1', ['10.0.0.0/16 local', '0.0.0.0/0 igw-1'], 'subnet-public');
  net.group('sg-web', 'vpc-1', 'out all - 0.0.0.0/0', 'in tcp 80 sg-web');
  net.group('sg-db', 'vpc-1', 'in tcp 5432 sg-web', 'out all - 0.0.0.0/0');
  net.eni('eni-web', 'subnet-web', '10.0.3.10 10.0.3.50 10.0.3.64/28', ['sg-web']);
  net.eni('eni-db', 'subnet-db', '10.0.5.20', ['sg-db']);
  return net;
}

interface There {
  readonly outcome: VpcOutcome;
  readonly steps: readonly string[];
  readonly nodes: readonly string[];
  answer(change?: Partial<Packet>): There;
}

function send(net: TestNetwork, from: string | OutsidePlace, it: Packet): There {
  const session = net.fabric.session();
  const walked = (walk: (to: Recorder) => VpcOutcome): There => {
    const recorder = new Recorder();
    const outcome = walk(recorder);
    return {
      outcome,
      steps: stepsOf(recorder).map(({ text }) => text),
      nodes: recorder.hops().map(({ node }) => node),
      answer: (change = {}) => {
        const last = outcome.kind === 'stopped' ? it : outcome.packet;
        const back = { ...replyTo(last), ...change };
        return walked((to) => session.answer(outcome, back, to));
      },
    };
  };
  return walked((to) =>
    typeof from === 'string'
      ? session.fromInterface(from, it, to)
      : session.fromOutside(from, it, to),
  );
}

const verdict = ({ outcome }: There) => {
  if (outcome.kind !== 'stopped') throw new Error(`not stopped: ${ended(outcome)}`);
  return outcome.verdict;
};

describe('inside a VPC', () => {
  it('a packet passes group, route and both ACLs, and its answer comes back', () => {
    const there = send(twoTier(), 'eni-web', packet('10.0.3.50 -> 10.0.5.20:5432'));
    expect(ended(there.outcome)).toBe('at eni-db');
    expect(there.nodes).toEqual(['eni-web', 'subnet-web', 'subnet-db', 'eni-db']);
    expect(there.steps).toEqual([
      'sg-web (web) allows all traffic to 0.0.0.0/0',
      'rtb-web: 10.0.0.0/16 -> local',
      'acl-default-1 entry 100 allows all traffic to 0.0.0.0/0',
      'acl-default-1 entry 100 allows all traffic from 0.0.0.0/0',
      'sg-db (db) allows tcp 5432 from sg-web',
    ]);
    expect(ended(there.answer().outcome)).toBe('at eni-web');
  });

  it('an address of a delegated prefix carries the groups of its interface', () => {
    const there = send(twoTier(), 'eni-web', packet('10.0.3.70 -> 10.0.5.20:5432'));
    expect(ended(there.outcome)).toBe('at eni-db');
  });

  it('no rule matches: the rules looked at are named, and the command that would allow it', () => {
    const there = send(twoTier(), 'eni-web', packet('10.0.3.50 -> 10.0.5.20:3306'));
    expect(verdict(there)).toMatchObject({
      disposition: 'denied-by-security-group',
      code: 'ENI_SG_RULES_MISMATCH',
      remedy: {
        text: 'allow tcp 3306 from sg-web in sg-db',
        command:
          'aws ec2 authorize-security-group-ingress --group-id sg-db --protocol tcp --port 3306 ' +
          '--source-group sg-web',
      },
    });
  });

  it('in one subnet neither route table nor network ACL is asked', () => {
    const net = twoTier();
    net.acl('acl-shut', 'vpc-1', [], ['subnet-web']);
    net.eni('eni-web-2', 'subnet-web', '10.0.3.99', ['sg-web']);
    const there = send(net, 'eni-web', packet('10.0.3.50 -> 10.0.3.99:80'));
    expect(ended(there.outcome)).toBe('at eni-web-2');
    expect(there.nodes).toEqual(['eni-web', 'eni-web-2']);
  });

  it('a network ACL that knows no ephemeral ports eats the answer', () => {
    const net = twoTier();
    const entries = ['in 100 allow tcp 5432 10.0.0.0/16', 'out 100 allow tcp 443 10.0.0.0/16'];
    net.acl('acl-db', 'vpc-1', entries, ['subnet-db']);
    const there = send(net, 'eni-web', packet('10.0.3.50 -> 10.0.5.20:5432'));
    expect(ended(there.outcome)).toBe('at eni-db');
    expect(verdict(there.answer())).toMatchObject({
      disposition: 'denied-by-network-acl',
      code: 'NACL_REPLY_BLOCKED',
      remedy: {
        command:
          'aws ec2 create-network-acl-entry --network-acl-id acl-db --egress --rule-number 200 ' +
          '--protocol tcp --port-range From=1024,To=65535 --cidr-block 10.0.3.50/32 ' +
          '--rule-action allow',
      },
    });
  });

  it('the lowest number decides, wherever it stands in the list', () => {
    const net = twoTier();
    const entries = ['in 200 allow all - 0.0.0.0/0', 'in 100 deny tcp 5432 10.0.3.0/24'];
    net.acl('acl-db', 'vpc-1', [...entries, 'out 100 allow all - 0.0.0.0/0'], ['subnet-db']);
    const denied = verdict(send(net, 'eni-web', packet('10.0.3.50 -> 10.0.5.20:5432')));
    expect(denied.text).toContain('ingress entry 100 denies tcp 5432 from 10.0.3.0/24');
    expect(denied.remedy?.command).toContain('--rule-number 99 ');
  });

  it('an interface sends from its own addresses only, while it checks', () => {
    const net = twoTier();
    const stray = packet('192.168.9.9 -> 10.0.5.20:5432');
    expect(verdict(send(net, 'eni-web', stray)).code).toBe('ENI_SOURCE_DEST_CHECK_RESTRICTION');
    net.eni('eni-web', 'subnet-web', '10.0.3.10', ['sg-web'], { sourceDestCheck: false });
    // Forwarded, it no longer counts as sent by a member of sg-web.
    expect(verdict(send(net, 'eni-web', stray)).disposition).toBe('denied-by-security-group');
  });

  it('nobody has the address: the packet gets as far as its subnet', () => {
    const there = send(twoTier(), 'eni-web', packet('10.0.3.50 -> 10.0.5.99:80'));
    expect(verdict(there).text).toBe('no interface in subnet-db has 10.0.5.99: nobody answers');
    expect(verdict(there).disposition).toBe('timed-out');
  });

  it('metadata, resolver and clock answer whatever groups and ACLs say', () => {
    const net = twoTier();
    net.group('sg-web', 'vpc-1');
    for (const [address, service] of [
      ['169.254.169.254', 'imds'],
      ['169.254.169.253', 'resolver'],
      ['10.0.0.2', 'resolver'],
      ['169.254.169.123', 'time-sync'],
    ]) {
      const there = send(net, 'eni-web', packet(`10.0.3.10 -> ${address}:80`));
      expect(ended(there.outcome)).toBe(`at ${service} by eni-web`);
      expect(ended(there.answer().outcome)).toBe('at eni-web');
    }
  });

  it('a rule for ICMP looks at type and code', () => {
    const net = twoTier();
    net.group('sg-db', 'vpc-1', 'in icmp 8 10.0.0.0/16');
    const echo = { protocol: 1, sourcePort: 0, destinationPort: 0, icmpType: 8, icmpCode: 0 };
    const there = send(net, 'eni-web', packet('10.0.3.10 -> 10.0.5.20', echo));
    expect(ended(there.outcome)).toBe('at eni-db');
    expect(ended(there.answer().outcome)).toBe('at eni-web');
    const timestamp = packet('10.0.3.10 -> 10.0.5.20', { ...echo, icmpType: 13 });
    expect(verdict(send(net, 'eni-web', timestamp)).code).toBe('ENI_SG_RULES_MISMATCH');
  });

  it('an ICMP error about a flow passes the group that let the flow out', () => {
    const net = twoTier();
    const there = send(net, 'eni-web', packet('10.0.3.50 -> 10.0.5.20:5432'));
    const error = { protocol: 1, icmpType: 3, icmpCode: 4, sourcePort: 0, destinationPort: 0 };
    expect(ended(there.answer(error).outcome)).toBe('at eni-web');
  });

  it('an address of a prefix that moved is found at its new interface', () => {
    const net = twoTier();
    net.group('sg-web', 'vpc-1', 'out all - 0.0.0.0/0', 'in all - 0.0.0.0/0');
    const ask = () => ended(send(net, 'eni-db', packet('10.0.5.20 -> 10.0.3.70:80')).outcome);
    expect(ask()).toBe('at eni-web');
    net.eni('eni-web', 'subnet-web', '10.0.3.10', ['sg-web']);
    expect(ask()).toBe('stopped timed-out');
    net.eni('eni-new', 'subnet-web', '10.0.3.11 10.0.3.64/28', ['sg-web']);
    expect(ask()).toBe('at eni-new');
  });
});

describe('to the internet', () => {
  it('through a NAT gateway: two translations out, two back', () => {
    const there = send(twoTier(), 'eni-web', packet('10.0.3.10 -> 8.8.8.8:443'));
    expect(ended(there.outcome)).toBe('out to internet by igw-1');
    expect(there.nodes).toEqual([
      'eni-web',
      'subnet-web',
      'subnet-public',
      'nat-1',
      'subnet-public',
      'igw-1',
    ]);
    expect(there.steps).toContain('source 10.0.3.10:40000 becomes 10.0.1.50:1024');
    const back = there.answer();
    expect(ended(back.outcome)).toBe('at eni-web');
    expect(back.outcome.kind === 'interface' && formatPacket(back.outcome.packet)).toBe(
      'tcp 8.8.8.8:443 -> 10.0.3.10:40000',
    );
  });

  it('a network ACL without the ports of NAT gateways eats the answer on its way in', () => {
    const net = twoTier();
    const open = ['out 100 allow all - 0.0.0.0/0', 'in 90 allow all - 10.0.0.0/16'];
    net.acl(
      'acl-p',
      'vpc-1',
      [...open, 'in 100 allow tcp 32768-60999 0.0.0.0/0'],
      ['subnet-public'],
    );
    const there = send(net, 'eni-web', packet('10.0.3.10 -> 8.8.8.8:443'));
    expect(verdict(there.answer())).toMatchObject({ code: 'NACL_REPLY_BLOCKED' });
  });

  it('without a public address the internet gateway drops it', () => {
    const net = twoTier();
    net.eni('eni-bare', 'subnet-public', '10.0.1.7', ['sg-web']);
    const there = send(net, 'eni-bare', packet('10.0.1.7 -> 8.8.8.8:443'));
    expect(verdict(there)).toMatchObject({
      disposition: 'timed-out',
      code: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
    });
    net.eni('eni-bare', 'subnet-public', '10.0.1.7=4.4.4.4', ['sg-web']);
    const open = send(net, 'eni-bare', packet('10.0.1.7 -> 8.8.8.8:443'));
    expect(ended(open.outcome)).toBe('out to internet by igw-1');
    expect(ended(open.answer().outcome)).toBe('at eni-bare');
  });

  it('the internet begins nothing with a private address, nor with a NAT gateway', () => {
    const pod = send(twoTier(), { kind: 'internet' }, packet('8.8.8.8 -> 10.0.3.50:80'));
    expect(verdict(pod).text).toBe('10.0.3.50 is private: the internet has no route to it');
    const nat = send(twoTier(), { kind: 'internet' }, packet('8.8.8.8 -> 3.3.3.3:80'));
    expect(verdict(nat).text).toContain('nat-1 takes no connections from outside');
  });

  it('private destinations end at the internet gateway', () => {
    const net = twoTier();
    net.eni('eni-bare', 'subnet-public', '10.0.1.7=4.4.4.4', ['sg-web']);
    const there = send(net, 'eni-bare', packet('10.0.1.7 -> 172.16.0.9:443'));
    expect(verdict(there).code).toBe('IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS');
  });

  it('a packet of a jumbo frame is too long for the internet, and its sender is told', () => {
    const net = twoTier();
    const long = packet('10.0.3.10 -> 8.8.8.8:443', { sizeBytes: 9001 });
    expect(verdict(send(net, 'eni-web', long))).toMatchObject({ disposition: 'too-big' });
  });

  it('a server with a public address whose subnet routes through NAT answers nobody', () => {
    const net = twoTier();
    net.group('sg-web', 'vpc-1', 'in all - 0.0.0.0/0', 'out all - 0.0.0.0/0');
    net.eni('eni-web', 'subnet-web', '10.0.3.10=4.4.4.4', ['sg-web']);
    const there = send(net, { kind: 'internet' }, packet('8.8.8.8 -> 4.4.4.4:80'));
    expect(ended(there.outcome)).toBe('at eni-web');
    expect(verdict(there.answer()).code).toBe('NAT_ASYMMETRIC_REPLY');
  });

  it('a black hole says so', () => {
    const net = twoTier();
    net.table('rtb-web', 'vpc-1', ['10.0.0.0/16 local', '0.0.0.0/0 nat-9 blackhole'], 'subnet-web');
    expect(verdict(send(net, 'eni-web', packet('10.0.3.10 -> 8.8.8.8:443')))).toMatchObject({
      disposition: 'blackholed',
      code: 'BAD_STATE_ROUTE',
    });
  });

  it('S3 by a gateway endpoint: the list is longer than the default route', () => {
    const net = twoTier();
    const entries = [{ cidr: '52.92.0.0/16' }];
    net.put('ec2/prefix-list', { prefixListId: 'pl-s3', addressFamily: 'IPv4', entries });
    net.put('ec2/vpc-endpoint', {
      vpcEndpointId: 'vpce-s3',
      vpcId: 'vpc-1',
      type: 'Gateway',
      serviceName: 'com.amazonaws.us-west-2.s3',
      state: 'available',
      networkInterfaceIds: [],
    });
    const routes = ['10.0.0.0/16 local', '0.0.0.0/0 nat-1', 'pl-s3 vpce-s3'];
    net.table('rtb-web', 'vpc-1', routes, 'subnet-web');
    const there = send(net, 'eni-web', packet('10.0.3.10 -> 52.92.1.1:443'));
    expect(ended(there.outcome)).toBe('at com.amazonaws.us-west-2.s3 by vpce-s3');
    expect(ended(there.answer().outcome)).toBe('at eni-web');
  });

  it('IPv6 goes out by an egress-only gateway and is not reached from outside', () => {
    const net = new TestNetwork();
    net.vpc('vpc-6', '10.6.0.0/16', '2001:db8::/56');
    net.subnet('subnet-6', 'vpc-6', '10.6.0.0/24 2001:db8::/64');
    net.table('rtb-6', 'vpc-6', ['2001:db8::/56 local', '::/0 eigw-1'], 'subnet-6');
    net.put('ec2/egress-only-internet-gateway', {
      egressOnlyInternetGatewayId: 'eigw-1',
      vpcId: 'vpc-6',
    });
    net.group('sg-6', 'vpc-6', 'in all - ::/0', 'out all - ::/0');
    net.eni('eni-6', 'subnet-6', '10.6.0.5 2001:db8::5 2001:db8:0:0:1::/80', ['sg-6']);
    const there = send(net, 'eni-6', packet('2001:db8:0:0:1::7 -> 2600::1'));
    expect(ended(there.outcome)).toBe('out to internet by eigw-1');
    expect(ended(there.answer().outcome)).toBe('at eni-6');
    const inward = send(net, { kind: 'internet' }, packet('2600::1 -> 2001:db8::5'));
    expect(verdict(inward).code).toBe('EIGW_INGRESS_RESTRICTION');
  });
});

/** vpc-1 and vpc-2, peered, each with one subnet and one interface. */
function peered(zone = 'us-west-2a'): TestNetwork {
  const net = new TestNetwork();
  for (const [n, at] of [
    [1, 'us-west-2a'],
    [2, zone],
  ] as const) {
    net.vpc(`vpc-${n}`, `10.${n}.0.0/16`);
    net.subnet(`subnet-${n}`, `vpc-${n}`, `10.${n}.0.0/24`, at);
    net.group(`sg-${n}`, `vpc-${n}`, 'out all - 0.0.0.0/0');
    net.eni(`eni-${n}`, `subnet-${n}`, `10.${n}.0.9`, [`sg-${n}`]);
    const routes = [`10.${n}.0.0/16 local`, `10.0.0.0/8 pcx-1`];
    net.table(`rtb-${n}`, `vpc-${n}`, routes, `subnet-${n}`);
  }
  net.put('ec2/vpc-peering-connection', {
    vpcPeeringConnectionId: 'pcx-1',
    requesterVpcId: 'vpc-1',
    accepterVpcId: 'vpc-2',
    status: 'active',
  });
  return net;
}

describe('between VPCs', () => {
  it('a rule may name the group of a peered VPC, in the same region only', () => {
    const near = peered();
    near.group('sg-2', 'vpc-2', 'in tcp 443 sg-1', 'out all - 0.0.0.0/0');
    const there = send(near, 'eni-1', packet('10.1.0.9 -> 10.2.0.9:443'));
    expect(ended(there.outcome)).toBe('at eni-2');
    expect(ended(there.answer().outcome)).toBe('at eni-1');
    const far = peered('eu-west-1a');
    far.group('sg-2', 'vpc-2', 'in tcp 443 sg-1', 'out all - 0.0.0.0/0');
    const refused = send(far, 'eni-1', packet('10.1.0.9 -> 10.2.0.9:443'));
    expect(verdict(refused).disposition).toBe('denied-by-security-group');
  });

  it('a missing route over a peering is to the block that holds the destination', () => {
    const net = peered();
    const vpc = net.store.get('ec2/vpc', 'vpc-2')!;
    const cidrBlocks = [...vpc.cidrBlocks, { associationId: 'a', cidrBlock: '100.64.0.0/16' }];
    net.put('ec2/vpc', { ...vpc, cidrBlocks });
    net.table('rtb-1', 'vpc-1', ['10.1.0.0/16 local'], 'subnet-1');
    const { remedy } = verdict(send(net, 'eni-1', packet('10.1.0.9 -> 100.64.0.9:443')));
    expect(remedy?.command).toContain('--destination-cidr-block 100.64.0.0/16');
  });

  it('a peering leads to the other VPC and no further', () => {
    const there = send(peered(), 'eni-1', packet('10.1.0.9 -> 10.3.0.9:443'));
    expect(verdict(there).code).toBe('PCX_REQUIRES_ADDRESS_IN_VPC_CIDR');
  });

  it('an appliance between two subnets gets what a more specific route sends it', () => {
    const net = twoTier();
    net.subnet('subnet-fw', 'vpc-1', '10.0.9.0/24');
    net.group('sg-fw', 'vpc-1', 'in all - 0.0.0.0/0', 'out all - 0.0.0.0/0');
    const routes = ['10.0.0.0/16 local', '10.0.5.0/24 eni-fw'];
    net.table('rtb-web', 'vpc-1', routes, 'subnet-web');
    net.eni('eni-fw', 'subnet-fw', '10.0.9.9', ['sg-fw']);
    const to = packet('10.0.3.10 -> 10.0.5.20:5432');
    expect(verdict(send(net, 'eni-web', to)).disposition).toBe('denied-by-source-dest-check');
    net.eni('eni-fw', 'subnet-fw', '10.0.9.9', ['sg-fw'], { sourceDestCheck: false });
    expect(ended(send(net, 'eni-web', to).outcome)).toBe('at eni-fw');
  });

  it('a rule that names a group does not hold through an appliance, on the way out either', () => {
    const net = twoTier();
    net.group('sg-web', 'vpc-1', 'out tcp 5432 sg-db');
    const to = packet('10.0.3.10 -> 10.0.5.20:5432');
    expect(ended(send(net, 'eni-web', to).outcome)).toBe('at eni-db');
    net.table('rtb-web', 'vpc-1', ['10.0.0.0/16 local', '10.0.5.0/24 eni-fw'], 'subnet-web');
    const { disposition, remedy } = verdict(send(net, 'eni-web', to));
    expect(disposition).toBe('denied-by-security-group');
    // Naming the group once more would not help.
    expect(remedy?.command).toContain('IpRanges=[{CidrIp=10.0.5.20/32}]');
  });

  it('no document shows the internet gateway: a live route to it tells of it', () => {
    const net = twoTier();
    net.store.delete('ec2/internet-gateway', 'igw-1');
    const there = send(net, 'eni-web', packet('10.0.3.10 -> 8.8.8.8:443'));
    expect(ended(there.answer().outcome)).toBe('at eni-web');
  });

  it('a propagated route never beats the local one', () => {
    const net = twoTier();
    net.put('ec2/vpn-gateway', { vpnGatewayId: 'vgw-1', vpcId: 'vpc-1', remoteCidrs: [] });
    const routes = ['10.0.0.0/16 local', '10.0.5.0/24 vgw-1 propagated', '10.9.0.0/16 vgw-1'];
    net.table('rtb-web', 'vpc-1', routes, 'subnet-web');
    const inside = send(net, 'eni-web', packet('10.0.3.10 -> 10.0.5.20:5432'));
    expect(ended(inside.outcome)).toBe('at eni-db');
    const beyond = send(net, 'eni-web', packet('10.0.3.10 -> 10.9.0.1:443'));
    expect(ended(beyond.outcome)).toBe('out to vpn by vgw-1');
    expect(ended(beyond.answer().outcome)).toBe('at eni-web');
  });

  it('what is not simulated is said', () => {
    const net = twoTier();
    net.table('rtb-web', 'vpc-1', ['10.0.0.0/16 local', '0.0.0.0/0 cagw-1'], 'subnet-web');
    const there = send(net, 'eni-web', packet('10.0.3.10 -> 8.8.8.8:443'));
    expect(verdict(there)).toMatchObject({
      disposition: 'not-simulated',
      text: 'cagw-1: a carrier-gateway is not simulated',
    });
  });

  it('an interface of EKS leads to its control plane', () => {
    const net = twoTier();
    const managed = { description: 'Amazon EKS demo', requesterManaged: true };
    net.eni('eni-x', 'subnet-db', '10.0.5.30', ['sg-db'], managed);
    net.group('sg-db', 'vpc-1', 'in tcp 443 sg-web');
    const there = send(net, 'eni-web', packet('10.0.3.10 -> 10.0.5.30:443'));
    expect(ended(there.outcome)).toBe('at control plane demo');
    expect(ended(there.answer().outcome)).toBe('at eni-web');
  });
});
