/**
 * analysis/trace/managed-group — a load balancer's security group that its controller keeps: a rule
 * added by hand is taken away again, so the remedy is what the controller reads.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/ec2/security_group_manager.go (the managed group is reconciled whole).
 */
import type { Remedy, Verdict } from '../../datapath/trace.ts';
import type { SecurityGroup } from '../../model/ec2/security-group.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { formatCidr, hostCidr, type Packet } from '../../net/index.ts';
import { type Maker, makerOf } from '../load-balancer/maker.ts';

const MANAGED = 'ManagedLBSecurityGroup';
const GROUP_NAME = 'alb.ingress.kubernetes.io/group.name';
const INBOUND = 'alb.ingress.kubernetes.io/inbound-cidrs';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** The verdict with a remedy that stays, where a controller's own group refused. */
export function withManagedGroup(store: TwinStore, sent: Packet, verdict: Verdict): Verdict {
  if (verdict.disposition !== 'denied-by-security-group') return verdict;
  // The remedy names the group it would change, and whom it would let in.
  const [, peer = '', id = ''] = /from (\S+) in (sg-\S+)$/.exec(verdict.remedy?.text ?? '') ?? [];
  const group = store.get('ec2/security-group', id);
  const maker = group && makerOfGroup(store, group);
  if (group === undefined || maker === undefined) return verdict;
  const block = peer.startsWith('sg-') ? formatCidr(hostCidr(sent.source)) : peer;
  const remedy = isOpenedFor(group, sent.destinationPort)
    ? letIn(store, maker, block)
    : {
        text: `port ${sent.destinationPort} is no listener of ${nameOf(maker)}: ${PORTS[maker.kind]}`,
      };
  const why = `${id} is its controller's, which takes other rules away`;
  return { ...verdict, remedy: { ...remedy, text: `${remedy.text} (${why})` } };
}

const PORTS: Readonly<Record<Maker['kind'], string>> = {
  ing: 'add it to the annotation alb.ingress.kubernetes.io/listen-ports',
  group: 'add it to the annotation alb.ingress.kubernetes.io/listen-ports of a member',
  svc: 'add it to spec.ports',
  gateway: 'add it to spec.listeners',
};

const nameOf = ({ kind, key }: Maker): string => `${kind}/${key}`;

function makerOfGroup(store: TwinStore, { groupId, tags }: SecurityGroup): Maker | undefined {
  if (Object.entries(tags).some(([key, it]) => key.endsWith('/resource') && it === MANAGED))
    return makerOf(tags);
  const classic = store
    .list('elbv2/classic-load-balancer')
    .find(({ securityGroups }) => securityGroups.includes(groupId));
  return classic && makerOf(classic.tags);
}

const isOpenedFor = ({ rules }: SecurityGroup, port: number): boolean =>
  rules.some(
    ({ direction, fromPort, toPort }) =>
      direction === 'ingress' && (fromPort < 0 || (fromPort <= port && port <= toPort)),
  );

function letIn(store: TwinStore, maker: Maker, block: string): Remedy {
  if (maker.kind === 'svc') return byService(store, maker.key, block);
  if (maker.kind === 'gateway')
    return { text: `add ${block} to spec.sourceRanges of the Gateway's LoadBalancerConfiguration` };
  const members = store
    .list('Ingress')
    .filter(({ metadata: { namespace, name, annotations } }) =>
      maker.kind === 'ing'
        ? `${namespace}/${name}` === maker.key
        : annotations?.[GROUP_NAME] === maker.key,
    );
  const member = members.find(({ metadata }) => metadata.annotations?.[INBOUND] !== undefined);
  const { namespace, name, annotations } = (member ?? members[0])?.metadata ?? {};
  const text = `add ${block} to the annotation ${INBOUND}, or to inboundCIDRs of its IngressClassParams`;
  if (name === undefined) return { text };
  const blocks = [annotations?.[INBOUND], block].filter((it) => it !== undefined).join(',');
  const command = `kubectl annotate ingress ${name} -n ${namespace} --overwrite ${INBOUND}=${blocks}`;
  return { text, command };
}

function byService(store: TwinStore, key: string, block: string): Remedy {
  const service = store.get('Service', key);
  const written = service?.metadata.annotations?.[SOURCE_RANGES]?.split(',') ?? [];
  const ranges = [...(service?.spec.loadBalancerSourceRanges ?? written), block];
  const [namespace, name] = key.split('/');
  const patch = JSON.stringify({ spec: { loadBalancerSourceRanges: ranges } });
  return {
    text: `add ${block} to spec.loadBalancerSourceRanges of Service ${key}`,
    command: `kubectl patch service ${name} -n ${namespace} --type merge -p '${patch}'`,
  };
}
