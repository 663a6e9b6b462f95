/**
 * conformance/adapters/batfish-aws — flows through real AWS snapshots (netpol/batfish-aws): how
 * they end, and the AWS resources they pass, in order.
 *
 * Schema: shared vectors netpol/README.md, "batfish-aws". Batfish's hop lists follow its own node
 * model (a router for each subnet and VPC): every id it names has to come in our walk in the same
 * order; what ours has beside are subnets and peering connections only.
 */
import { dirname, join } from 'node:path';
import { Balancers, type ZoneOf } from '../../src/datapath/elb/balancers.ts';
import { PolicyEnforcement } from '../../src/datapath/policy/enforcement.ts';
import { Recorder } from '../../src/datapath/recorder.ts';
import type { Hop, Verdict } from '../../src/datapath/trace.ts';
import { VpcFabric } from '../../src/datapath/vpc/fabric.ts';
import type { VpcOutcome } from '../../src/datapath/vpc/outcome.ts';
import type { VpcSession } from '../../src/datapath/vpc/session.ts';
import { walkBranches } from '../../src/datapath/walk/branches.ts';
import type { Branch, Origin } from '../../src/datapath/walk/flow.ts';
import type { World } from '../../src/datapath/walk/world.ts';
import { type Ip, type Packet, parseIp, replyTo } from '../../src/net/index.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { readSnapshot, type Snapshot } from '../batfish-snapshot.ts';

interface Flow {
  readonly ingressNode: string;
  readonly srcIp?: string;
  readonly dstIp: string;
  readonly ipProtocol?: string;
  readonly srcPort?: number | string;
  readonly dstPort?: number | string;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

interface FlowCase {
  readonly test: string;
  readonly kind: 'trace' | 'bidirectional' | 'other';
  readonly flow: Flow;
  readonly disposition: string | readonly string[];
  readonly hops: readonly string[];
  readonly reverseHops?: readonly string[];
}

interface BatfishFile {
  readonly snapshots: readonly string[];
  readonly cases: readonly FlowCase[];
}

const isBatfishFile = (json: unknown): json is BatfishFile => {
  const { snapshots, cases } = (json ?? {}) as Partial<BatfishFile>;
  return Array.isArray(snapshots) && Array.isArray(cases) && cases.every((it) => 'kind' in it);
};

/** Batfish's names for protocols; a flow without one is of protocol 0. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  HOPOPT: 0,
  ICMP: 1,
  IGMP: 2,
  TCP: 6,
  UDP: 17,
  GRE: 47,
  ESP: 50,
  AHP: 51,
  IPV6_ICMP: 58,
  OSPF: 89,
  AN: 107,
  VRRP: 112,
  SCTP: 132,
};

/** A port as Batfish picks one where it does not matter. */
const EPHEMERAL = 49_152;

/** What stands behind an id of the case: `(node:subnet-1|vpce-2)` is the endpoint. */
const nodeOf = (text: string): string => {
  // `(node:NAME.elb.us-east-2.amazonaws.com|us-east-2b)` is a load balancer in one zone.
  const zone = /^\(node:.*\.elb\..*\|(.*)\)$/.exec(text)?.[1];
  return zone === undefined ? (/^\(node:(?:.*\|)?(.*)\)$/.exec(text)?.[1] ?? text) : `elb-${zone}`;
};

class Flows {
  readonly #fabric: VpcFabric;
  readonly #world: World;

  constructor({ store }: Snapshot) {
    const fabric = new VpcFabric(store);
    const zoneOf: ZoneOf = (vpcId, ip) => fabric.addresses.at(vpcId, ip)?.eni.availabilityZone;
    this.#fabric = fabric;
    this.#world = {
      store,
      fabric,
      namespaces: { get: () => undefined, behind: () => undefined },
      policies: new PolicyEnforcement(store),
      balancers: new Balancers(store, zoneOf),
      publicEndpoint: () => undefined,
      labelOf: (id) => id,
    };
  }

  /** Every way of a flow from an instance, through load balancers. */
  ways(node: string, packet: Packet): readonly Branch[] {
    const networkInterfaceId = this.#interfaceOf(node) ?? '';
    const origin: Origin = { kind: 'interface', networkInterfaceId, label: node };
    return walkBranches(this.#world, { origin, packet });
  }

  /** The interface an instance sends from, by its address where the flow has one. */
  #interfaceOf(node: string): string | undefined {
    const { store } = this.#fabric;
    const all = store.lookup('ec2/network-interface', 'instance', node);
    const first = all.find((it) => it.attachment?.deviceIndex === 0) ?? all[0];
    return first?.networkInterfaceId;
  }

  #address(text: string | undefined, node: string): Ip | undefined {
    if (text === undefined) return 0;
    const plain = parseIp(text);
    if (plain !== undefined) return plain;
    // `(getOnlyNodeIp:i-1)`, `(getInterfaceIp:i-1,eni-2)`, `(any ip of ingress node)`.
    const [, of] = /^\(get\w+Ip:([^,)]+)/.exec(text) ?? [];
    const [, eni] = /,(eni-[0-9a-z]+)\)$/.exec(text) ?? [];
    const id = eni ?? this.#interfaceOf(of ?? node);
    return id === undefined ? undefined : this.#fabric.addresses.holder(id)?.addresses[0];
  }

  packetOf(flow: Flow): Packet | undefined {
    const source = this.#address(flow.srcIp, flow.ingressNode);
    const destination = this.#address(flow.dstIp, flow.ingressNode);
    const protocol = PROTOCOLS[flow.ipProtocol ?? 'HOPOPT'];
    if (source === undefined || destination === undefined || protocol === undefined)
      return undefined;
    const port = (it: number | string | undefined): number =>
      it === 'ephemeral' ? EPHEMERAL : Number(it ?? 0);
    return {
      protocol,
      source,
      destination,
      sourcePort: port(flow.srcPort),
      destinationPort: port(flow.dstPort),
      icmpType: flow.icmpType ?? -1,
      icmpCode: flow.icmpCode ?? -1,
      sizeBytes: 512,
      dontFragment: false,
    };
  }

  session(): VpcSession {
    return this.#fabric.session();
  }

  /** Sends the packet from where the flow begins; undefined: no such place. */
  start(session: VpcSession, node: string, packet: Packet, to: Recorder): VpcOutcome | undefined {
    if (node === 'internet') return session.fromOutside({ kind: 'internet' }, packet, to);
    if (node.startsWith('vpc-'))
      return session.fromOutside({ kind: 'vpc', vpcId: node }, packet, to);
    const id = this.#interfaceOf(node);
    return id === undefined ? undefined : session.fromInterface(id, packet, to);
  }

  /** The AWS ids of a walk: interfaces by their instance or endpoint. */
  idsOf(hops: readonly Hop[]): readonly string[] {
    return hops.flatMap(({ node, steps }) => {
      const eni = this.#fabric.addresses.holder(node)?.eni;
      if (eni === undefined) return [node];
      const balancer = this.#world.balancers.at(node)?.zone.zoneName;
      const endpoint = this.#fabric.topology.endpointOf(node)?.vpcEndpointId;
      const id = balancer === undefined ? eni.attachment?.instanceId : `elb-${balancer}`;
      // Batfish goes through the subnet's router within a subnet too.
      const isWithin = steps.some(({ kind }) => kind === 'same-subnet');
      return [endpoint ?? id ?? node, ...(isWithin ? [eni.subnetId] : [])];
    });
  }

  /** The VPCs of a walk, in order. */
  vpcsOf(hops: readonly Hop[]): readonly string[] {
    const { topology, addresses } = this.#fabric;
    return hops.flatMap(({ node }) => {
      if (node.startsWith('vpc-')) return [node];
      return topology.subnet(node)?.subnet.vpcId ?? addresses.holder(node)?.eni.vpcId ?? [];
    });
  }
}

const without = (vpcs: boolean) => (id: string) => id.startsWith('vpc-') === vpcs;
const isAwsId = (id: string): boolean =>
  /^(?:i|subnet|vpc|igw|nat|tgw|vpce|vgw|eigw|elb)-/.test(id);
/** A load balancer is a place of ours besides its interface. */
const isOurs = (id: string): boolean =>
  /^(?:subnet|vpc|pcx|eni|elb)-|^internet$|^NLB |^ALB /.test(id);

/** Every id of `wanted` in `got`, in order; what is left over may be of our own making only. */
function missing(wanted: readonly string[], got: readonly string[]): string | undefined {
  let at = 0;
  for (const id of wanted) {
    const found = got.indexOf(id, at);
    if (found < 0) return `${id} is not on the way ${got.join(' ')}`;
    const between = got.slice(at, found).find((it) => !isOurs(it));
    if (between !== undefined) return `${between} comes before ${id}`;
    at = found + 1;
  }
  const rest = got.slice(at).find((it) => !isOurs(it));
  return rest === undefined ? undefined : `${rest} comes after the last, ${wanted.at(-1)}`;
}

/** Batfish's words for how a walk ended. */
function dispositionsOf(outcome: VpcOutcome, hops: readonly Hop[]): readonly string[] {
  if (outcome.kind === 'interface' || outcome.kind === 'control-plane') return ['ACCEPTED'];
  if (outcome.kind !== 'stopped') return ['EXITS_NETWORK', 'ACCEPTED'];
  return wordsOfVerdict(outcome.verdict, hops);
}

function wordsOfVerdict(verdict: Verdict, hops: readonly Hop[]): readonly string[] {
  const last = hops.at(-1)?.steps.at(-1)?.kind ?? '';
  switch (verdict.disposition) {
    case 'delivered':
      return ['ACCEPTED'];
    case 'no-route':
      return ['NO_ROUTE'];
    case 'blackholed':
      return ['NULL_ROUTED'];
    case 'timed-out':
      if (last !== 'local') return ['DENIED_IN', 'DENIED_OUT'];
      return verdict.code === 'UNKNOWN_DESTINATION' ? ['NEIGHBOR_UNREACHABLE'] : ['NULL_ROUTED'];
    case 'not-simulated':
      return ['INSUFFICIENT_INFO'];
    default:
      return [last.endsWith('egress') ? 'DENIED_OUT' : 'DENIED_IN'];
  }
}

const wordsOf = (it: string | readonly string[]): readonly string[] =>
  typeof it === 'string' ? [it] : it;

/** Compares one direction. */
function difference(
  flows: Flows,
  wanted: { readonly disposition: readonly string[]; readonly hops: readonly string[] },
  words: readonly string[],
  said: string,
  hops: readonly Hop[],
): string | undefined {
  if (!words.some((word) => wanted.disposition.includes(word))) {
    return `got ${words.join('/')} (${said}), wanted ${wanted.disposition.join('/')}`;
  }
  const ids = wanted.hops.map(nodeOf).filter(isAwsId);
  const inOrder = missing(ids.filter(without(false)), flows.idsOf(hops));
  if (inOrder !== undefined) return inOrder;
  return missing(ids.filter(without(true)), flows.vpcsOf(hops));
}

function differenceOf(
  flows: Flows,
  wanted: Parameters<typeof difference>[1],
  outcome: VpcOutcome,
  hops: readonly Hop[],
): string | undefined {
  const said = outcome.kind === 'stopped' ? outcome.verdict.text : outcome.kind;
  return difference(flows, wanted, dispositionsOf(outcome, hops), said, hops);
}

/** Through a load balancer there are several ways; one of them is the one that is wanted. */
function balancedDifference(one: FlowCase, flows: Flows, packet: Packet): string | undefined {
  const { kind, flow, hops, reverseHops = [] } = one;
  const disposition = wordsOf(one.disposition);
  const differences = flows.ways(flow.ingressNode, packet).map((way) => {
    const words = wordsOfVerdict(way, way.forward);
    const there = difference(flows, { disposition, hops }, words, way.text, way.forward);
    if (there !== undefined || kind === 'trace') return there;
    const back = way.return ?? [];
    return difference(flows, { disposition, hops: reverseHops }, words, way.text, back);
  });
  return differences.includes(undefined) ? undefined : differences[0];
}

const WITHOUT_ROUTER = 'needs the configuration of a router';

function runCase(one: FlowCase, snapshot: Snapshot, flows: Flows): CaseResult {
  const { kind, flow, hops } = one;
  const name = `${one.test} ${flow?.ingressNode ?? ''} -> ${flow?.dstIp ?? ''}`;
  if (kind === 'other') return { name, skipped: 'asks for no single flow' };
  const router = [flow.ingressNode, ...hops].find((it) => snapshot.routers.has(it));
  if (router !== undefined) return { name, failure: `${WITHOUT_ROUTER}: ${router}` };
  const packet = flows.packetOf(flow);
  if (packet === undefined)
    return { name, failure: `cannot read the flow ${JSON.stringify(flow)}` };
  if ([...hops, flow.dstIp].some((it) => it.includes('.elb.')))
    return { name, failure: balancedDifference(one, flows, packet) };
  const session = flows.session();
  const forward = new Recorder();
  const outcome = flows.start(session, flow.ingressNode, packet, forward);
  if (outcome === undefined)
    return { name, failure: `${flow.ingressNode} is no place a packet can start from` };
  const disposition = wordsOf(one.disposition);
  const there = differenceOf(flows, { disposition, hops }, outcome, forward.hops());
  if (there !== undefined || kind === 'trace' || outcome.kind === 'stopped')
    return { name, failure: there };
  const back = new Recorder();
  const answer = session.answer(outcome, replyTo(outcome.packet), back);
  const wanted = { disposition, hops: one.reverseHops ?? [] };
  const failure = differenceOf(flows, wanted, answer, back.hops());
  return { name, failure: failure === undefined ? undefined : `back: ${failure}` };
}

export const adapter: Adapter = {
  name: 'netpol/batfish-aws',
  accepts: (_, json) => isBatfishFile(json),
  reads: (path) => /(^|\/)snapshots\/.*aws_configs\//.test(path),
  run(json, file) {
    const { snapshots, cases } = json as BatfishFile;
    const [first] = snapshots;
    if (first === undefined)
      return cases.map(({ test }) => ({ name: test, skipped: 'has no snapshot' }));
    const snapshot = readSnapshot(join(dirname(file), '..', first));
    const flows = new Flows(snapshot);
    return cases.map((one) => runCase(one, snapshot, flows));
  },
};
