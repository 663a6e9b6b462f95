/**
 * controllers/in-tree-load-balancer/network-node-rules — nodes let a network load balancer's
 * clients in at the node ports, and its subnets where health checks need it. The description tells
 * which load balancer a rule is for.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws_loadbalancer.go:977-1167.
 */
import type { Instance } from '../../model/ec2/instance.ts';
import type { SecurityGroup } from '../../model/ec2/security-group.ts';
import {
  addRules,
  fromBlock,
  groupNow,
  ingressOf,
  removeRules,
  type WantedRule,
  without,
} from './group-rules.ts';
import type { PortMapping } from './network-plan.ts';
import { instanceGroups, taggedGroups } from './node-groups.ts';
import type { Provider } from './provider.ts';
import { ANYWHERE } from './source-ranges.ts';

const CLIENT = 'kubernetes.io/rule/nlb/client';
const HEALTH = 'kubernetes.io/rule/nlb/health';
const MTU = 'kubernetes.io/rule/nlb/mtu';

export interface NodeTraffic {
  readonly instances: readonly Instance[];
  readonly mappings: readonly PortMapping[];
  readonly subnetBlocks: readonly string[];
  readonly clientBlocks: readonly string[];
}

const NOTHING: NodeTraffic = { instances: [], mappings: [], subnetBlocks: [], clientBlocks: [] };

/** On every group of the cluster the rules of this load balancer: those wanted, and no others. */
export async function reconcileNetworkNodeRules(
  provider: Provider,
  balancer: string,
  traffic: NodeTraffic = NOTHING,
): Promise<void> {
  const groups = new Map(await taggedGroups(provider));
  const wanted = instanceGroups(provider, traffic.instances, groups);
  for (const groupId of wanted) {
    if (!groups.has(groupId)) groups.set(groupId, await groupNow(provider, groupId));
  }
  const { clients, checks } = rulesFor(balancer, traffic);
  for (const [groupId, group] of groups) {
    const isNodes = wanted.has(groupId);
    const health = `${HEALTH}=${balancer}`;
    const client = `${CLIENT}=${balancer}`;
    const isChanged = [
      // Needless ones of health checks stay: upstream looks no further then.
      isNodes && checks === undefined
        ? false
        : await syncMarked(provider, group, health, isNodes ? (checks ?? []) : []),
      await syncMarked(provider, group, client, isNodes ? clients : []),
    ].includes(true);
    if (isChanged) await syncPathMtu(provider, groupId);
  }
}

/** @returns `checks` undefined where clients' rules let the health checks in as well */
function rulesFor(balancer: string, { mappings, subnetBlocks, clientBlocks }: NodeTraffic) {
  const protocol = mappings.some((it) => it.targetProtocol === 'UDP') ? 'udp' : 'tcp';
  const ports = [...new Set(mappings.map(({ nodePort }) => nodePort))];
  const checkPorts = [
    ...new Set(
      mappings.map(({ healthCheck: { port }, nodePort }) =>
        port === 'traffic-port' ? nodePort : Number(port),
      ),
    ),
  ];
  const rules = (
    description: string,
    over: 'tcp' | 'udp',
    at: readonly number[],
    cidrs: readonly string[],
  ): readonly WantedRule[] =>
    at.flatMap((port) => cidrs.map((cidr) => fromBlock(cidr, over, port, port, description)));
  const isForAll = clientBlocks.length === 1 && clientBlocks[0] === ANYWHERE;
  const isCovered =
    isForAll &&
    protocol === 'tcp' &&
    checkPorts.length === ports.length &&
    checkPorts.every((port) => ports.includes(port));
  return {
    clients: rules(`${CLIENT}=${balancer}`, protocol, ports, clientBlocks),
    checks: isCovered ? undefined : rules(`${HEALTH}=${balancer}`, 'tcp', checkPorts, subnetBlocks),
  };
}

/** The rules with a description made those wanted. @returns true where anything changed */
async function syncMarked(
  provider: Provider,
  group: SecurityGroup,
  description: string,
  wanted: readonly WantedRule[],
): Promise<boolean> {
  const marked = ingressOf(group).filter((rule) => rule.description === description);
  const gone = without(marked, wanted);
  const added = without(wanted, marked);
  if (gone.length > 0) await removeRules(provider, group.groupId, gone);
  if (added.length > 0) await addRules(provider, group.groupId, added);
  return gone.length + added.length > 0;
}

/** "Fragmentation needed" from wherever any load balancer's clients come. */
async function syncPathMtu(provider: Provider, groupId: string): Promise<void> {
  const rules = ingressOf(await groupNow(provider, groupId));
  const blocks = new Set(
    rules.flatMap(({ description, peer }) =>
      description?.includes(CLIENT) && peer.kind === 'ipv4' ? [peer.cidr] : [],
    ),
  );
  const wanted = [...blocks].map((cidr) => fromBlock(cidr, 'icmp', 3, 4, MTU));
  const marked = rules.filter(({ description }) => description === MTU);
  const gone = without(marked, wanted);
  if (gone.length > 0) await removeRules(provider, groupId, gone);
  const added = without(wanted, marked);
  if (added.length > 0) await addRules(provider, groupId, added);
}
