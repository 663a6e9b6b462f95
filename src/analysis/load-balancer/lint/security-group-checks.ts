/**
 * analysis/load-balancer/lint/security-group-checks — what Ingresses say of security groups: things
 * that cancel each other, and rules that AWS's quota does not hold.
 */
import { textsOf } from '../../../controllers/load-balancer/annotations/parser.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { claimOf } from './claimed-service.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import {
  annotationsOf,
  error,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  warning,
} from './linted.ts';
import { listenPorts } from './listen-port.ts';

const ALB = 'alb.ingress.kubernetes.io/';
const GROUPS = `${ALB}security-groups`;
const MANAGED = `${ALB}manage-backend-security-group-rules`;
/** Inbound rules of a security group, unless AWS was asked for more (VPC User Guide, quotas). */
const RULES_MAX = 60;

/** What is wrong with the security groups that load balancers will have. */
export const securityGroupChecks = (input: LintInput): Finding[] => [
  ...input.ingresses.flatMap((it) =>
    isAlb(ingressClaim(input, it.object)) ? [...ofIngress(it), ...quotaOfIngress(it)] : [],
  ),
  ...input.services.flatMap((it) =>
    claimOf(input, it.object).by === 'load-balancer-controller' ? quotaOfService(it) : [],
  ),
];

function ofIngress(it: Linted<Ingress>): Finding[] {
  const annotations = annotationsOf(it.object);
  if (annotations[GROUPS] === undefined) {
    if (annotations[MANAGED] === undefined) return [];
    const text = `${MANAGED} is read only with ${GROUPS}: without it the controller opens nodes and pods anyway`;
    const place = placeOfAnnotation(it, MANAGED);
    return [warning(it, place, { check: 'backend-rules', text, hint: 'leave it out' })];
  }
  const cancelled = ['inbound-cidrs', 'security-group-prefix-lists'].flatMap((suffix) => {
    const key = `${ALB}${suffix}`;
    if (annotations[key] === undefined) return [];
    const text = `${key} is not read where ${GROUPS} is set: the groups you name are left as they are`;
    const hint = 'write the rules into the security groups, or leave security-groups out';
    const place = placeOfAnnotation(it, key);
    return [warning(it, place, { check: 'inbound-not-read', text, hint })];
  });
  if (annotations[MANAGED] !== undefined) return cancelled;
  const text = `${GROUPS} without ${MANAGED}: nodes and pods are not opened for the load balancer, and targets stay unhealthy until somebody does`;
  const hint = `write ${MANAGED}: "true", or allow the groups on the nodes yourself`;
  const place = placeOfAnnotation(it, GROUPS);
  return [...cancelled, warning(it, place, { check: 'backend-rules', text, hint })];
}

/** One rule for each port and block. */
function quotaOfIngress(it: Linted<Ingress>): Finding[] {
  const annotations = annotationsOf(it.object);
  const key = `${ALB}inbound-cidrs`;
  const raw = annotations[key];
  if (raw === undefined || annotations[GROUPS] !== undefined) return [];
  const ports = listenPorts(it.object, undefined)?.length ?? 1;
  return overQuota(it, placeOfAnnotation(it, key), textsOf(raw).length, ports);
}

function quotaOfService(it: Linted<Service>): Finding[] {
  const key = 'service.beta.kubernetes.io/load-balancer-source-ranges';
  const ofField = it.object.spec.loadBalancerSourceRanges ?? [];
  const ofKey = textsOf(annotationsOf(it.object)[key] ?? '');
  const isField = ofField.length > 0;
  const place = isField ? it.at(['spec', 'loadBalancerSourceRanges']) : placeOfAnnotation(it, key);
  const ports = it.object.spec.ports?.length ?? 1;
  return overQuota(it, place, (isField ? ofField : ofKey).length, ports);
}

function overQuota(it: Linted, place: string, blocks: number, ports: number): Finding[] {
  if (blocks * ports <= RULES_MAX) return [];
  const text = `${blocks} blocks × ${ports} ports are ${blocks * ports} rules of one security group; AWS allows ${RULES_MAX} unless asked for more (RulesPerSecurityGroupLimitExceeded)`;
  const hint = 'put the blocks into a prefix list, or ask for a larger quota';
  return [error(it, place, { check: 'rules-per-security-group', text, hint })];
}
