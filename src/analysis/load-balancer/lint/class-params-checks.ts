/**
 * analysis/load-balancer/lint/class-params-checks — IngressClassParams: fields that its schema does
 * not have, values it does not take, and fields said in two ways.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * apis/elbv2/v1beta1/ingressclassparams_types.go, webhooks/elbv2/ingressclassparams_validator.go.
 */
import type { IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { nearestWords } from '../../../model/nearest.ts';
import type { Finding } from './finding.ts';
import { error, type Linted, type LintInput, warning } from './linted.ts';

const FIELDS = [
  'loadBalancerName',
  'certificateArn',
  'namespaceSelector',
  'group',
  'scheme',
  'inboundCIDRs',
  'sslPolicy',
  'sslRedirectPort',
  'subnets',
  'ipAddressType',
  'tags',
  'targetType',
  'loadBalancerAttributes',
  'listeners',
  'minimumLoadBalancerCapacity',
  'ipamConfiguration',
  'prefixListsIDs',
  'PrefixListsIDs',
  'wafv2AclArn',
  'wafv2AclName',
] as const;

const WORDS: Readonly<Record<string, readonly string[]>> = {
  scheme: ['internal', 'internet-facing'],
  ipAddressType: ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'],
  targetType: ['instance', 'ip'],
};

/** What is wrong with the parameters of ingress classes. */
export const classParamsChecks = (input: LintInput): Finding[] =>
  input.all.flatMap((it) =>
    it.object.kind === 'IngressClassParams' && it.object.apiVersion.startsWith('elbv2.k8s.aws/')
      ? ofParams(it as Linted<IngressClassParams>)
      : [],
  );

function ofParams(it: Linted<IngressClassParams>): Finding[] {
  // Fields that the schema does not have are what is looked for.
  const spec = (it.object.spec ?? {}) as Readonly<Record<string, unknown>>;
  return [...Object.keys(spec).flatMap((field) => ofField(it, field, spec)), ...ofSubnets(it)];
}

function ofField(
  it: Linted<IngressClassParams>,
  field: string,
  spec: Readonly<Record<string, unknown>>,
): Finding[] {
  const place = it.at(['spec', field]);
  if (!(FIELDS as readonly string[]).includes(field)) {
    const near = nearestWords(field, FIELDS, 1);
    const text = `unknown field "spec.${field}": the API server drops it`;
    const hint = near.length > 0 ? `did you mean ${near[0]}?` : 'leave it out';
    return [error(it, place, { check: 'unknown-field', text, hint })];
  }
  const words = WORDS[field];
  const value = spec[field];
  if (words !== undefined && !words.includes(String(value))) {
    const text = `spec.${field}: Unsupported value: "${String(value)}"`;
    const hint = `write ${words.join(' or ')}`;
    return [error(it, place, { check: 'field-value', text, hint })];
  }
  if (field === 'sslRedirectPort' && !/^\d+$/.test(String(value))) {
    const text = `spec.sslRedirectPort: ${JSON.stringify(value)} is no number: the controller ignores it without a word`;
    return [error(it, place, { check: 'field-value', text, hint: 'write "443"' })];
  }
  if (field === 'PrefixListsIDs') {
    const isTwice = spec.prefixListsIDs !== undefined;
    const text = isTwice
      ? "cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields"
      : 'spec.PrefixListsIDs is the old spelling';
    const said = { check: 'deprecated-field', text, hint: 'write prefixListsIDs' };
    return [isTwice ? error(it, place, said) : warning(it, place, said)];
  }
  return [];
}

/** Subnets are chosen by ids or by tags, not by both. */
function ofSubnets(it: Linted<IngressClassParams>): Finding[] {
  const { subnets } = it.object.spec ?? {};
  if (subnets === undefined) return [];
  const { ids, tags } = subnets;
  const place = it.at(['spec', 'subnets']);
  const check = 'subnets-of-class';
  if (ids !== undefined && tags !== undefined) {
    const text = "spec.subnets: may not have both 'ids' and 'tags' set";
    return [error(it, place, { check, text, hint: 'keep one of the two' })];
  }
  if (ids === undefined && tags === undefined) {
    const text = "spec.subnets: must have either 'ids' or 'tags' specified";
    return [error(it, place, { check, text, hint: 'write ids: [subnet-…] or tags: {…}' })];
  }
  return [];
}
