/**
 * analysis/flow-logs/flow-records — what VPC flow logs would hold of a traced flow: one record per
 * interface and direction, the packet as it was there, ACCEPT or REJECT.
 *
 * Source: VPC User Guide, "Flow log records" and "Flow log limitations": groups and ACLs decide the
 * action together; what goes to the resolver, IMDS or time sync is not recorded, nor is what the
 * source/destination check drops.
 */
import type { Hop, Step } from '../../datapath/trace.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { formatIp, type Ip, type Packet, replyTo } from '../../net/index.ts';

export interface FlowRecord {
  readonly networkInterface: NetworkInterface;
  readonly direction: 'ingress' | 'egress';
  readonly action: 'ACCEPT' | 'REJECT';
  /** As it was at the interface. */
  readonly packet: Packet;
  /** Of the way back. */
  readonly isAnswer: boolean;
}

/** A flow that was walked: one way of a trace, or what a program sent. */
export type WalkedFlow = Pick<Branch, 'sent' | 'arrived' | 'forward' | 'return'>;

/** Records of one way a flow may go, there and back, in the order they arise. */
export function flowRecords(store: TwinStore, branch: WalkedFlow): readonly FlowRecord[] {
  const there = recordsOf(store, branch.forward, branch.sent, false);
  if (branch.return === undefined) return there;
  const answer = replyTo(branch.arrived ?? branch.sent);
  return [...there, ...recordsOf(store, branch.return, answer, true)];
}

/** A hop with the packet as it came and as it went. */
interface PassedHop {
  readonly hop: Hop;
  readonly entered: Packet;
  readonly left: Packet;
}

function passed(hops: readonly Hop[], first: Packet): readonly PassedHop[] {
  let packet = first;
  return hops.map((hop) => {
    const entered = packet;
    for (const { rewritten } of hop.steps) packet = rewritten?.after ?? packet;
    return { hop, entered, left: packet };
  });
}

const drops = ({ action }: Step): boolean => action === 'drop' || action === 'deny';

const stepOf = (hop: Hop, kind: string): Step | undefined =>
  hop.steps.find((step) => step.kind === kind);

/** What flow logs leave out: link-local services, and drops that no group or ACL decided. */
const isUnrecorded = ({ steps }: Hop): boolean =>
  steps.some(
    (step) => step.kind === 'link-local' || (step.kind === 'source-dest-check' && drops(step)),
  );

function recordsOf(
  store: TwinStore,
  hops: readonly Hop[],
  first: Packet,
  isAnswer: boolean,
): readonly FlowRecord[] {
  const all = passed(hops, first);
  return all.flatMap(({ hop, entered, left }, i): readonly FlowRecord[] => {
    const refused = refusedAtBorder(store, hop, entered, isAnswer);
    if (refused !== undefined) return [refused];
    const nat = store.get('ec2/nat-gateway', hop.node);
    const eni = store.get('ec2/network-interface', nat?.networkInterfaceId ?? hop.node);
    if (eni === undefined || isUnrecorded(hop)) return [];
    const wayOut = (): FlowRecord['action'] =>
      isRefusedOnTheWayOut(all, i, eni) ? 'REJECT' : 'ACCEPT';
    const record = (
      direction: FlowRecord['direction'],
      packet: Packet,
      action: FlowRecord['action'],
    ): FlowRecord => ({ networkInterface: eni, direction, action, packet, isAnswer });
    if (nat !== undefined) {
      const came = record('ingress', entered, 'ACCEPT');
      return entered === left ? [came] : [came, record('egress', left, wayOut())];
    }
    const out = stepOf(hop, 'security-group-egress');
    const into = stepOf(hop, 'security-group-ingress');
    const isOut = out !== undefined || (into === undefined && holds(eni, entered.source));
    const decided = isOut ? out : into;
    const isDenied = decided !== undefined && drops(decided);
    if (isOut) return [record('egress', left, isDenied ? 'REJECT' : wayOut())];
    return [record('ingress', entered, isDenied ? 'REJECT' : 'ACCEPT')];
  });
}

/** A network ACL that lets nothing in: recorded at the interface that would have got it. */
function refusedAtBorder(
  store: TwinStore,
  hop: Hop,
  packet: Packet,
  isAnswer: boolean,
): FlowRecord | undefined {
  const step = stepOf(hop, 'network-acl-ingress');
  if (step === undefined || !drops(step)) return undefined;
  const networkInterface = store
    .lookup('ec2/network-interface', 'subnet', hop.node)
    .find((eni) => holds(eni, packet.destination));
  if (networkInterface === undefined) return undefined;
  return { networkInterface, direction: 'ingress', action: 'REJECT', packet, isAnswer };
}

/** Whether the subnet's ACL refuses what the interface's groups let out. */
function isRefusedOnTheWayOut(
  all: readonly PassedHop[],
  from: number,
  { subnetId }: NetworkInterface,
): boolean {
  const next = all[from + 1]?.hop;
  if (next === undefined || next.node !== subnetId) return false;
  const step = stepOf(next, 'network-acl-egress');
  return step !== undefined && drops(step);
}

const holds = (eni: NetworkInterface, ip: Ip): boolean => {
  const text = formatIp(ip);
  return (
    eni.privateIpAddresses.some(({ address }) => address === text) ||
    eni.ipv6Addresses.includes(text)
  );
};
