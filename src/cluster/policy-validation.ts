/**
 * cluster/policy-validation — is a policy of networking.k8s.aws well formed, as its CRD has it; and
 * does a NetworkPolicy name what no engine on EKS can match, a security group?
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a
 * config/crd/bases/networking.k8s.aws_clusternetworkpolicies.yaml, _applicationnetworkpolicies.yaml
 * (from the markers in api/v1alpha1). Security groups: only Calico Enterprise maps them
 * (aws/aws-eks-best-practices security/network.adoc); on EKS pods get them by SecurityGroupPolicy.
 */
import type { NetworkPolicyPeer } from '../model/kubernetes/networking.ts';
import type {
  ApplicationNetworkPolicy,
  ApplicationPolicyPeer,
  ClusterNetworkPolicy,
  ClusterPolicyPeer,
  ClusterPolicyPort,
  ClusterPolicyRule,
} from '../model/kubernetes/policy-endpoint.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from './field-error.ts';

const TIERS = ['Admin', 'Baseline'];
const ACTIONS = ['Accept', 'Deny', 'Pass'];
const PRIORITY_MAX = 1_000;
const RULES_MAX = 100;
const NETWORKS_MAX = 25;
const NAME_MAX = 100;
const DOMAIN =
  /^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;
const DOMAIN_TEXT = 'must be a domain name, with `*` only as its first label';

const SECURITY_GROUP = /^sg-[0-9a-f]{8,17}$/;
const SECURITY_GROUP_FIELDS =
  /^(securityGroups?|securityGroupIds?|securityGroupSelector|groupIds?|sgIds?)$/i;
const SECURITY_GROUP_TEXT =
  'a network policy cannot name a security group: its peers are pods, namespaces and IP blocks. ' +
  'Give the pods security groups of their own with a SecurityGroupPolicy, or name the addresses ' +
  'with ipBlock';

/** Complaints about a peer that names a security group, by whatever field. */
export function securityGroupErrors(peer: NetworkPolicyPeer, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(peer)) {
    const at = `${field}.${key}`;
    if (SECURITY_GROUP_FIELDS.test(key)) errors.push(forbidden(at, SECURITY_GROUP_TEXT));
    else if (namesGroup(value)) errors.push(forbidden(at, SECURITY_GROUP_TEXT));
  }
  return errors;
}

/** True when a security group's id stands anywhere in the value. */
function namesGroup(value: unknown): boolean {
  if (typeof value === 'string') return SECURITY_GROUP.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, it]) => SECURITY_GROUP.test(key) || SECURITY_GROUP_FIELDS.test(key) || namesGroup(it),
  );
}

/** Complaints about a ClusterNetworkPolicy. */
export function clusterNetworkPolicyErrors({ spec }: ClusterNetworkPolicy): FieldError[] {
  if (spec == null) return [required('spec')];
  const { tier, priority, subject } = spec;
  const errors: FieldError[] = [];
  if (!TIERS.includes(tier)) errors.push(notSupported('spec.tier', tier, TIERS));
  if (!Number.isInteger(priority) || priority < 0 || priority > PRIORITY_MAX) {
    const detail = `should be a whole number from 0 to ${PRIORITY_MAX}`;
    errors.push(invalid('spec.priority', priority ?? null, detail));
  }
  errors.push(...oneOf(subject, ['namespaces', 'pods'], 'spec.subject'));
  for (const [side, word] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    const rules = spec[side] ?? [];
    errors.push(...tooMany(rules.length, RULES_MAX, `spec.${side}`));
    rules.forEach((rule, i) => {
      errors.push(...ruleErrors(rule, word, `spec.${side}[${i}]`));
    });
  }
  return errors;
}

function ruleErrors(rule: ClusterPolicyRule, word: 'from' | 'to', field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { action, name = '', ports } = rule;
  const peers = rule[word] ?? [];
  if (!ACTIONS.includes(action)) errors.push(notSupported(`${field}.action`, action, ACTIONS));
  if (name.length > NAME_MAX) {
    errors.push(invalid(`${field}.name`, name, `may not be longer than ${NAME_MAX}`));
  }
  if (peers.length === 0) errors.push(required(`${field}.${word}`));
  errors.push(...tooMany(peers.length, RULES_MAX, `${field}.${word}`));
  peers.forEach((peer, i) => {
    errors.push(...clusterPeerErrors(peer, word, `${field}.${word}[${i}]`));
  });
  if (action !== 'Accept' && peers.some(({ domainNames }) => domainNames !== undefined)) {
    const detail = 'domainNames peer can only be used with Accept action';
    errors.push(invalid(field, { go: 'object' }, detail));
  }
  if (ports?.length === 0) errors.push(required(`${field}.ports`));
  (ports ?? []).forEach((port, i) => {
    errors.push(...clusterPortErrors(port, `${field}.ports[${i}]`));
  });
  return errors;
}

function clusterPeerErrors(
  peer: ClusterPolicyPeer,
  word: 'from' | 'to',
  field: string,
): FieldError[] {
  const fields = ['namespaces', 'pods', ...(word === 'to' ? ['networks', 'domainNames'] : [])];
  const { networks, domainNames } = peer;
  return [
    ...securityGroupErrors(peer as NetworkPolicyPeer, field),
    ...oneOf(peer, fields, field),
    ...tooMany(networks?.length ?? 0, NETWORKS_MAX, `${field}.networks`),
    ...tooMany(domainNames?.length ?? 0, NETWORKS_MAX, `${field}.domainNames`),
    ...domainErrors(domainNames, field),
  ];
}

function clusterPortErrors({ portNumber, portRange }: ClusterPolicyPort, field: string) {
  const errors: FieldError[] = [];
  const number = (value: number, at: string): void => {
    if (Number.isInteger(value) && value >= 1 && value <= 65_535) return;
    errors.push(invalid(at, value ?? null, 'should be a whole number from 1 to 65535'));
  };
  if (portNumber !== undefined) number(portNumber.port, `${field}.portNumber.port`);
  if (portRange === undefined) return errors;
  number(portRange.start, `${field}.portRange.start`);
  number(portRange.end, `${field}.portRange.end`);
  if (portRange.start >= portRange.end) {
    const detail = 'Start port must be less than End port';
    errors.push(invalid(`${field}.portRange`, { go: 'object' }, detail));
  }
  return errors;
}

/** Complaints about an ApplicationNetworkPolicy's peers with domains. */
export function applicationNetworkPolicyErrors({ spec }: ApplicationNetworkPolicy): FieldError[] {
  if (spec == null) return [required('spec')];
  const errors: FieldError[] = [];
  (spec.egress ?? []).forEach(({ to = [] }, i) => {
    to.forEach((peer, j) => {
      errors.push(...applicationPeerErrors(peer, `spec.egress[${i}].to[${j}]`));
    });
  });
  (spec.ingress ?? []).forEach(({ from = [] }, i) => {
    from.forEach((peer, j) => {
      errors.push(...securityGroupErrors(peer, `spec.ingress[${i}].from[${j}]`));
    });
  });
  return errors;
}

function applicationPeerErrors(peer: ApplicationPolicyPeer, field: string): FieldError[] {
  const errors = securityGroupErrors(peer, field);
  if (peer.domainNames === undefined) return errors;
  for (const other of ['ipBlock', 'podSelector', 'namespaceSelector'] as const) {
    if (peer[other] === undefined) continue;
    const detail = `${other} and domainNames are mutually exclusive`;
    errors.push(invalid(field, { go: 'object' }, detail));
  }
  return [...errors, ...domainErrors(peer.domainNames, field)];
}

const domainErrors = (names: readonly string[] | undefined, field: string): FieldError[] =>
  (names ?? []).flatMap((name, i) =>
    DOMAIN.test(name) ? [] : [invalid(`${field}.domainNames[${i}]`, name, DOMAIN_TEXT)],
  );

/** MinProperties and MaxProperties of one. */
function oneOf(value: object | undefined, fields: readonly string[], at: string): FieldError[] {
  if (value == null) return [required(at)];
  const given = Object.keys(value).filter((key) => fields.includes(key));
  if (given.length === 1) return [];
  return [invalid(at, given.length, `exactly one of ${fields.join(', ')} must be set`)];
}

const tooMany = (count: number, max: number, at: string): FieldError[] =>
  count <= max ? [] : [invalid(at, count, `must have at most ${max} items`)];
