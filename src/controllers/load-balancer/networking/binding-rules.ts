/**
 * controllers/load-balancer/networking/binding-rules — a TargetGroupBinding's networking rules as
 * rules of a security group.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/networking_manager.go:362-520
 * computeIngressPermissionsForTGBNetworking. `ports: []` should mean all TCP and yields no rule
 * there, because an inner variable shadows the outer; so it does here.
 */
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import type { SecurityGroupId } from '../../../model/ec2/ids.ts';
import type { RulePeer } from '../../../model/ec2/security-group.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import type {
  NetworkingPeer,
  NetworkingPort,
  TargetGroupBinding,
} from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { PORT_MAX, parseCidr } from '../../../net/index.ts';
import { DeployError } from '../deploy/deploy-error.ts';

const LABEL = 'elbv2.k8s.aws/targetGroupBinding';
/** The description that says a rule is the controller's. */
export const SHARED = `${LABEL}=shared`;

/** `key=value` pairs of a description (security_group_info.go). */
const PAIR = /([^\s,=]+)=([^\s,=]+)(?:,|$)/g;

/** True when a rule's description says that TargetGroupBindings share it. */
export const isShared = ({ description = '' }: { readonly description?: string | undefined }) =>
  [...description.matchAll(PAIR)].some(([, key, value]) => key === LABEL && value === 'shared');

type Networking = NonNullable<TargetGroupBinding['spec']['networking']>;

/** @param pods  those behind the group, for named ports; undefined for instances */
export function bindingRules(
  { ingress = [] }: Networking,
  pods: readonly Pod[] | undefined,
): RuleInput[] {
  const rules: RuleInput[] = [];
  for (const { from, ports } of ingress)
    for (const peer of from ?? [])
      for (const port of ports ?? []) rules.push(...rulesOf(peer, port, pods));
  return rules;
}

/** The rules of one peer and port: several where a port's name means several numbers. */
export function rulesOf(
  peer: NetworkingPeer,
  { protocol = 'TCP', port }: NetworkingPort,
  pods: readonly Pod[] | undefined,
): RuleInput[] {
  const ranges =
    port === undefined
      ? [[0, PORT_MAX] as const]
      : portNumbers(port, pods).map((number) => [number, number] as const);
  const source = sourceOf(peer);
  return ranges.map(([fromPort, toPort]) => ({
    protocol: protocol.toLowerCase(),
    fromPort,
    toPort,
    peer: source,
    description: SHARED,
  }));
}

function sourceOf({ securityGroup, ipBlock }: NetworkingPeer): RulePeer {
  if (securityGroup != null) {
    return { kind: 'group', groupId: securityGroup.groupID as SecurityGroupId };
  }
  if (ipBlock == null) {
    throw new DeployError('either ipBlock or securityGroup should be specified');
  }
  const { cidr } = ipBlock;
  if (parseCidr(cidr) === undefined) throw new DeployError(`invalid CIDR address: ${cidr}`);
  return { kind: cidr.includes(':') ? 'ipv6' : 'ipv4', cidr };
}

/** The numbers of a port, lowest first; a name may mean another number on each pod. */
export function portNumbers(
  port: number | string,
  pods: readonly Pod[] | undefined,
): readonly number[] {
  if (typeof port === 'number') return [port];
  if (pods === undefined || pods.length === 0) {
    throw new DeployError('named ports can only be used with pod endpoints');
  }
  const numbers = new Set(pods.map((pod) => containerPort(pod, port)));
  return [...numbers].sort((a, b) => a - b);
}

function containerPort(pod: Pod, name: string): number {
  for (const { ports = [] } of pod.spec.containers)
    for (const port of ports) if (port.name === name) return port.containerPort;
  throw new DeployError(`unable to find port ${name} on pod ${keyOf(pod)}`);
}
