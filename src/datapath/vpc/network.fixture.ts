/**
 * datapath/vpc/network.fixture — AWS networks for tests, written noun by noun with ids that say
 * what they are: `subnet-a`, `eni-web`, `sg-db`.
 */
import type { NetworkAclEntry } from '../../model/ec2/network-acl.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Route, RouteDestination, RouteTarget } from '../../model/ec2/route-table.ts';
import type { RulePeer, SecurityGroupRule } from '../../model/ec2/security-group.ts';
import { type AwsKinds, declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { type Packet, PROTOCOL_TCP, parseIp } from '../../net/index.ts';
import { Store } from '../../sim/store.ts';
import { Recorder } from '../recorder.ts';
import type { Step } from '../trace.ts';
import { VpcFabric } from './fabric.ts';
import type { VpcOutcome } from './outcome.ts';

const OWNER = { ownerId: '111122223333', tags: {} };

/** `igw-1` is an internet gateway, `pcx-1` a peering: the id's prefix says the sort of target. */
const TARGETS: Readonly<Record<string, string>> = {
  igw: 'internet-gateway',
  eigw: 'egress-only-internet-gateway',
  nat: 'nat-gateway',
  eni: 'network-interface',
  i: 'instance',
  pcx: 'vpc-peering-connection',
  tgw: 'transit-gateway',
  vgw: 'vpn-gateway',
  vpce: 'vpc-endpoint',
  cagw: 'carrier-gateway',
};

const destinationOf = (text: string): RouteDestination => {
  if (text.startsWith('pl-')) return { kind: 'prefix-list', prefixListId: text };
  return { kind: text.includes(':') ? 'ipv6' : 'ipv4', cidr: text };
};

/** `0.0.0.0/0 igw-1`, with `blackhole` or `propagated` behind. */
export function route(text: string): Route {
  const [to, id, mark] = text.split(' ') as [string, string, string?];
  const kind = TARGETS[id.split('-')[0]!] ?? 'local';
  return {
    destination: destinationOf(to),
    target: (kind === 'local' ? { kind } : { kind, id }) as RouteTarget,
    state: mark === 'blackhole' ? 'blackhole' : 'active',
    origin: mark === 'propagated' ? 'EnableVgwRoutePropagation' : 'CreateRoute',
  };
}

const peerOf = (text: string): RulePeer => {
  if (text.startsWith('sg-')) return { kind: 'group', groupId: text as never };
  if (text.startsWith('pl-')) return { kind: 'prefix-list', prefixListId: text as never };
  return { kind: text.includes(':') ? 'ipv6' : 'ipv4', cidr: text };
};

/** `in tcp 443 0.0.0.0/0`, `out all - sg-db`, `in icmp 8 10.0.0.0/8`, `in udp 53-54 pl-1`. */
function rule(text: string, group: string, i: number): SecurityGroupRule {
  const [way, protocol, ports, peer] = text.split(' ') as [string, string, string, string];
  const [from, to] = ports === '-' ? [-1, -1] : ports.split('-').map(Number);
  const last = protocol.startsWith('icmp') ? -1 : from!;
  return {
    ruleId: `sgr-${group.slice(3)}-${i}` as never,
    direction: way === 'in' ? 'ingress' : 'egress',
    protocol: protocol === 'all' ? '-1' : protocol,
    fromPort: from!,
    toPort: to ?? last,
    peer: peerOf(peer),
    tags: {},
  };
}

/** `in 100 allow tcp 443 0.0.0.0/0`, `out 32767 deny all - 0.0.0.0/0`. */
export function entry(text: string): NetworkAclEntry {
  const [way, number, action, protocol, ports, block] = text.split(' ') as string[];
  const [from, to] = ports === '-' ? [] : ports!.split('-').map(Number);
  const numbers: Readonly<Record<string, number>> = { all: -1, icmp: 1, tcp: 6, udp: 17 };
  return {
    ruleNumber: Number(number),
    egress: way === 'out',
    protocol: numbers[protocol!] ?? Number(protocol),
    action: action as 'allow' | 'deny',
    ...(block!.includes(':') ? { ipv6CidrBlock: block } : { cidrBlock: block }),
    ...(from === undefined ? {} : { portRange: { from, to: to ?? from } }),
  };
}

export class TestNetwork {
  readonly store: TwinStore = new Store<Kinds>();
  readonly fabric: VpcFabric;

  constructor() {
    declareIndexes(this.store);
    this.fabric = new VpcFabric(this.store);
  }

  put<Kind extends keyof AwsKinds>(kind: Kind, noun: object): void {
    const key = Object.values(noun)[0] as string;
    this.store.put(kind, key, { ...noun, ...OWNER } as never);
  }

  /** A VPC with a main table that knows only the VPC, and a default ACL that allows all. */
  vpc(vpcId: string, ...cidrs: readonly string[]): void {
    const blocks = cidrs.map((cidrBlock, i) => ({ associationId: `${vpcId}-${i}`, cidrBlock }));
    this.put('ec2/vpc', {
      vpcId,
      cidrBlock: cidrs[0],
      cidrBlocks: blocks.filter(({ cidrBlock }) => !cidrBlock.includes(':')),
      ipv6CidrBlocks: blocks.filter(({ cidrBlock }) => cidrBlock.includes(':')),
      enableDnsSupport: true,
      enableDnsHostnames: true,
      isDefault: false,
      dhcpOptionsId: '',
    });
    const name = vpcId.slice(4);
    this.table(
      `rtb-main-${name}`,
      vpcId,
      cidrs.map((cidr) => `${cidr} local`),
      'main',
    );
    const open = ['in 100 allow all - 0.0.0.0/0', 'out 100 allow all - 0.0.0.0/0'];
    const six = ['in 101 allow all - ::/0', 'out 101 allow all - ::/0'];
    this.acl(`acl-default-${name}`, vpcId, [...open, ...six], [], true);
  }

  subnet(subnetId: string, vpcId: string, cidrs: string, zone = 'us-west-2a'): void {
    const [cidrBlock, ipv6] = cidrs.split(' ');
    this.put('ec2/subnet', {
      subnetId,
      vpcId,
      cidrBlock,
      ...(ipv6 === undefined ? {} : { ipv6CidrBlock: { associationId: '', cidrBlock: ipv6 } }),
      availabilityZone: zone,
      availabilityZoneId: '',
      mapPublicIpOnLaunch: false,
      assignIpv6AddressOnCreation: false,
      cidrReservations: [],
    });
  }

  /** A table of some subnets or gateways, or `main`. */
  table(id: string, vpcId: string, routes: readonly string[], ...to: readonly string[]): void {
    const associations = to.map((it) => ({
      associationId: `rtbassoc-${id.slice(4)}-${it}`,
      main: it === 'main',
      ...(it.startsWith('subnet-') ? { subnetId: it } : it === 'main' ? {} : { gatewayId: it }),
    }));
    this.put('ec2/route-table', {
      routeTableId: id,
      vpcId,
      routes: routes.map(route),
      associations,
      propagatingVgws: [],
    });
  }

  acl(
    networkAclId: string,
    vpcId: string,
    entries: readonly string[],
    subnets: readonly string[],
    isDefault = false,
  ): void {
    const associations = subnets.map((subnetId) => ({
      associationId: `aclassoc-${networkAclId.slice(4)}-${subnetId}`,
      subnetId,
    }));
    const all = entries.map(entry);
    this.put('ec2/network-acl', { networkAclId, vpcId, isDefault, entries: all, associations });
  }

  group(groupId: string, vpcId: string, ...rules: readonly string[]): void {
    this.put('ec2/security-group', {
      groupId,
      groupName: groupId.slice(3),
      description: '',
      vpcId,
      rules: rules.map((text, i) => rule(text, groupId, i)),
    });
  }

  /** An interface; addresses with a slash are prefixes, `10.0.0.5=3.3.3.3` has a public one. */
  eni(
    id: string,
    subnetId: string,
    addresses: string,
    groups: readonly string[],
    more: Partial<NetworkInterface> = {},
  ): void {
    const { vpcId, availabilityZone } = this.store.get('ec2/subnet', subnetId)!;
    const all = addresses.split(' ');
    const of = (six: boolean, prefix: boolean): string[] =>
      all.filter((it) => it.includes(':') === six && it.includes('/') === prefix);
    this.put('ec2/network-interface', {
      networkInterfaceId: id,
      subnetId,
      vpcId,
      availabilityZone,
      description: '',
      interfaceType: 'interface',
      macAddress: '',
      requesterManaged: false,
      sourceDestCheck: true,
      status: 'in-use',
      privateIpAddresses: of(false, false).map((text, i) => {
        const [address, publicIp] = text.split('=');
        const open = publicIp === undefined ? {} : { public: { publicIp, publicDnsName: '' } };
        return { address, primary: i === 0, ...open };
      }),
      ipv4Prefixes: of(false, true),
      ipv6Addresses: of(true, false),
      ipv6Prefixes: of(true, true),
      groups,
      createdAtMs: 0,
      ...more,
    });
  }

  internetGateway(internetGatewayId: string, vpcId: string): void {
    this.put('ec2/internet-gateway', { internetGatewayId, vpcId });
  }

  /** A NAT gateway with its interface `eni-<id>`. */
  natGateway(natGatewayId: string, subnetId: string, privateIp: string, publicIp?: string): void {
    const networkInterfaceId = `eni-${natGatewayId}`;
    const both = publicIp === undefined ? privateIp : `${privateIp}=${publicIp}`;
    const more = { interfaceType: 'nat_gateway', sourceDestCheck: false } as const;
    this.eni(networkInterfaceId, subnetId, both, [], more);
    this.put('ec2/nat-gateway', {
      natGatewayId,
      vpcId: this.store.get('ec2/subnet', subnetId)!.vpcId,
      subnetId,
      connectivityType: publicIp === undefined ? 'private' : 'public',
      state: 'available',
      networkInterfaceId,
      privateIp,
      publicIp,
      createdAtMs: 0,
    });
  }
}

/** `10.0.0.5 -> 10.0.1.9:443`, TCP unless told otherwise. */
export function packet(text: string, more: Partial<Packet> = {}): Packet {
  const [from, to] = text.split(' -> ') as [string, string];
  const at = /^\[?([0-9a-f.:]*?)\]?(?::(\d+))?$/;
  const ends = (end: string): [string, string | undefined] => {
    if (end.includes(':') && !end.startsWith('[') && !end.includes('.')) return [end, undefined];
    const [, address, port] = at.exec(end)!;
    return [address!, port];
  };
  const [source, sourcePort] = ends(from);
  const [destination, destinationPort] = ends(to);
  return {
    protocol: PROTOCOL_TCP,
    source: parseIp(source)!,
    destination: parseIp(destination)!,
    sourcePort: Number(sourcePort ?? 40_000),
    destinationPort: Number(destinationPort ?? 443),
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: 60,
    dontFragment: true,
    ...more,
  };
}

/** Where a walk ended, in a word or two: `at eni-web`, `stopped denied-by-security-group`. */
export function ended(outcome: VpcOutcome): string {
  switch (outcome.kind) {
    case 'interface':
      return `at ${outcome.networkInterface.networkInterfaceId}`;
    case 'control-plane':
      return `at control plane ${outcome.clusterName}`;
    case 'aws-service':
      return `at ${outcome.service} by ${outcome.via}`;
    case 'outside':
      return `out to ${outcome.place} by ${outcome.via}`;
    case 'stopped':
      return `stopped ${outcome.verdict.disposition}`;
  }
}

export const stepsOf = (recorder: Recorder): readonly Step[] =>
  recorder.hops().flatMap(({ steps }) => steps);

export { Recorder };
