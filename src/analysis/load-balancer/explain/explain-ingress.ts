/**
 * analysis/load-balancer/explain/explain-ingress — an Ingress: whose it is, the load
 * balancer of its group line by line, or why it has none.
 */
import type { Cloud } from '../../../cloud/cloud.ts';
import { tagTerm } from '../../../model/ec2/tags.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { TargetGroup } from '../../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress, IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { groupNameOf, membersInOrder } from '../lint/group-members.ts';
import { CLASS_ANNOTATION, type IngressClaim, ingressClaim, isAlb } from '../lint/ingress-claim.ts';
import { lintInput } from '../lint/linted.ts';
import { warningsOf } from '../warnings.ts';
import { explainListeners } from './explain-listeners.ts';
import { type BalancerSetting, explainLoadBalancer } from './explain-load-balancer.ts';
import { explainSecurityGroups } from './explain-security-group.ts';
import {
  explainTargetGroup,
  registered,
  resourceIdOf,
  type TargetSetting,
  targetGroupsOf,
} from './explain-target-group.ts';
import type { Explanation, Origin, Places } from './explanation.ts';
import { shortName } from './explanation.ts';
import { controllerTroubles, searchedSubnets } from './no-load-balancer.ts';
import { byDefault, type Member, ofBackend, ofField, ofGroup } from './origins.ts';
import { remediesOf } from './remedies.ts';

const ALB = 'alb.ingress.kubernetes.io/';

/** What became of one Ingress. */
export async function explainIngress(
  cloud: Cloud,
  store: TwinStore,
  ingress: Ingress,
  places: Places,
): Promise<Explanation> {
  const object = shortName(ingress);
  const input = lintInput([], store);
  const claim = ingressClaim(input, ingress);
  if (!isAlb(claim)) {
    const reasons = [whyNot(claim, ingress)];
    return { object, claim: 'no controller here takes it', resources: [], reasons };
  }
  const params = claim.by === 'class' ? claim.params : undefined;
  const group = groupNameOf(ingress, params);
  const members = membersOf(store, ingress, params);
  const balancer = balancerOf(store, group ?? keyOf(ingress));
  const said = claimText(claim, ingress, group, members);
  const own = warningsOf(store, ingress);
  // What stops a group is recorded on every member.
  const ofOthers = members.flatMap((member) =>
    warningsOf(store, member.ingress)
      .filter((text) => !own.includes(text))
      .map((text) => `${shortName(member.ingress)}, of the same group: ${text}`),
  );
  const reasons = [...controllerTroubles(store), ...own, ...ofOthers];
  if (balancer === undefined) {
    const subnets = await searchedSubnets(cloud, store, demandOf(members));
    const all = members.map((member) => member.ingress);
    const remedies = remediesOf(store, all, places);
    return { object, claim: said, resources: [], reasons, remedies, subnets };
  }
  const { loadBalancerArn, loadBalancerName: name, dnsName, state } = balancer;
  const resources = [
    explainLoadBalancer(store, balancer, (setting) => balancerOrigin(members, setting, places)),
    ...explainListeners(store, loadBalancerArn, members, places),
    ...targetGroupsOf(store, loadBalancerArn).map((it) => ofTargets(store, it, members, places)),
    ...explainSecurityGroups(store, balancer, ofGroup(members, `${ALB}inbound-cidrs`, places)),
  ];
  return { object, claim: said, loadBalancer: { name, dnsName, state }, resources, reasons };
}

function whyNot(claim: IngressClaim, ingress: Ingress): string {
  switch (claim.by) {
    case 'unknown-class':
      return `spec.ingressClassName: ${claim.className}: there is no such IngressClass`;
    case 'another':
      return `its class belongs to ${claim.controller}, which is not simulated`;
    case 'auto-mode':
      return `its class ${claim.className} is EKS Auto Mode's: declared, not simulated`;
    default:
      return `it names no class (spec.ingressClassName), and no IngressClass is the default one; annotations ${ALB}… alone do not make it the AWS Load Balancer Controller's${ingress.metadata.annotations?.[CLASS_ANNOTATION] ?? ''}`;
  }
}

function claimText(
  claim: IngressClaim,
  ingress: Ingress,
  group: string | undefined,
  members: readonly Member[],
): string {
  const by =
    claim.by === 'annotation'
      ? `annotation ${CLASS_ANNOTATION}: alb`
      : `ingress class ${claim.by === 'class' ? claim.className : 'alb'}`;
  const others = members.filter((member) => member.ingress !== ingress);
  const shared =
    group === undefined
      ? 'a load balancer of its own'
      : `group ${group}, ${others.length === 0 ? 'with nobody else' : `with ${others.map((it) => shortName(it.ingress)).join(', ')}`}`;
  return `the AWS Load Balancer Controller takes it (${by}): ${shared}`;
}

/** Members of the Ingress's group, in the order of their rules. */
function membersOf(
  store: TwinStore,
  ingress: Ingress,
  params: IngressClassParams | undefined,
): readonly Member[] {
  const group = groupNameOf(ingress, params);
  if (group === undefined) return [{ ingress, params }];
  const input = lintInput([], store);
  const members = store.list('Ingress').flatMap((other): Member[] => {
    const claim = ingressClaim(input, other);
    if (!isAlb(claim)) return [];
    const ofOther = claim.by === 'class' ? claim.params : undefined;
    return groupNameOf(other, ofOther) === group ? [{ ingress: other, params: ofOther }] : [];
  });
  return membersInOrder(members);
}

const balancerOf = (store: TwinStore, stack: string): LoadBalancer | undefined =>
  store
    .lookup('elbv2/load-balancer', 'tag', tagTerm('ingress.k8s.aws/stack', stack))
    .find(({ type }) => type === 'application');

function demandOf(members: readonly Member[]) {
  const said = (suffix: string): string | undefined =>
    ofGroup(members, `${ALB}${suffix}`, () => undefined).said;
  const scheme = said('scheme') === 'internet-facing' ? 'internet-facing' : 'internal';
  const address = said('ip-address-type');
  const ipAddressType =
    address === 'dualstack' || address === 'dualstack-without-public-ipv4' ? address : 'ipv4';
  return { type: 'application', scheme, ipAddressType } as const;
}

const BALANCER_KEYS: Readonly<Record<BalancerSetting, readonly [key: string, fallback: string]>> = {
  name: ['load-balancer-name', 'k8s-, the names cut, and a hash of cluster, group and scheme'],
  scheme: ['scheme', 'internal'],
  'ip-address-type': ['ip-address-type', 'ipv4'],
  subnets: ['subnets', 'discovered when it was made, by role tag or by routes'],
  'security-groups': ['security-groups', 'made by the controller'],
  attributes: ['load-balancer-attributes', ''],
  tags: ['tags', 'default tags of the controller'],
};

function balancerOrigin(
  members: readonly Member[],
  setting: BalancerSetting,
  places: Places,
): Origin {
  const [suffix, fallback] = BALANCER_KEYS[setting];
  return ofGroup(members, `${ALB}${suffix}`, places, fallback);
}

const TARGET_KEYS: Readonly<Partial<Record<TargetSetting, string>>> = {
  'target-type': 'target-type',
  protocol: 'backend-protocol',
  'protocol-version': 'backend-protocol-version',
  attributes: 'target-group-attributes',
  'healthcheck-protocol': 'healthcheck-protocol',
  'healthcheck-port': 'healthcheck-port',
  'healthcheck-path': 'healthcheck-path',
  'success-codes': 'success-codes',
  'healthcheck-interval': 'healthcheck-interval-seconds',
  'healthcheck-timeout': 'healthcheck-timeout-seconds',
  'healthy-threshold': 'healthy-threshold-count',
  'unhealthy-threshold': 'unhealthy-threshold-count',
};

/** `ns/ing-svc:port` says whose target group it is. */
function ofTargets(
  store: TwinStore,
  group: TargetGroup,
  members: readonly Member[],
  places: Places,
) {
  const id = resourceIdOf(group) ?? '';
  const member = members.find(({ ingress }) => id.startsWith(`${keyOf(ingress)}-`)) ?? members[0]!;
  const [serviceName = '', port = ''] = id.slice(keyOf(member.ingress).length + 1).split(':');
  const { namespace } = member.ingress.metadata;
  const service = store.get('Service', `${namespace}/${serviceName}`);
  return explainTargetGroup(store, group, (setting) => {
    if (setting === 'targets')
      return registered(group.targetType, `svc/${namespace}/${serviceName}`);
    if (setting === 'port') return portOrigin(service, port, group, places);
    return ofBackend(member, service, `${ALB}${TARGET_KEYS[setting]}`, places);
  });
}

/** The target group's port: a NodePort, or what the Service's port goes to. */
function portOrigin(
  service: Service | undefined,
  port: string,
  { targetType }: TargetGroup,
  places: Places,
): Origin {
  const ports = service?.spec.ports ?? [];
  const index = ports.findIndex((it) => it.name === port || String(it.port) === port);
  const found = ports[index];
  if (service === undefined || found === undefined) return byDefault('the Service is gone');
  if (targetType === 'instance') {
    return ofField(service, ['spec', 'ports', index, 'nodePort'], `${found.nodePort}`, places);
  }
  const target = found.targetPort ?? found.port;
  const origin = ofField(service, ['spec', 'ports', index, 'targetPort'], `${target}`, places);
  return typeof target === 'number'
    ? origin
    : {
        ...origin,
        said: `${target} (a name: the group's own port is 1, every target has its own)`,
      };
}
