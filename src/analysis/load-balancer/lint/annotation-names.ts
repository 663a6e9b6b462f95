/**
 * analysis/load-balancer/lint/annotation-names — every annotation's key: known or not, on the right
 * object, read by whoever makes the load balancer, not replaced by something newer.
 */
import {
  hasOwnPrefix,
  type KnownAnnotation,
  knownAnnotation,
  nearestAnnotations,
} from '../../../model/kubernetes/known-annotation.ts';
import { claimOf } from './claimed-service.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import {
  annotationsOf,
  error,
  isIngress,
  isService,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  warning,
} from './linted.ts';

/** Kinds whose annotations steer load balancers. */
const KINDS = new Set(['Ingress', 'Service', 'IngressClass', 'TargetGroupBinding', 'Namespace']);
const SERVICE_PREFIX = 'service.beta.kubernetes.io/';
/** What other clouds' controllers read under the prefix that all of them share. */
const OTHER_CLOUD =
  /^(azure|do|oci|oracle|openstack|linode|vultr|ibm|tencent|ali\w+|gcp|scw|exoscale|civo)[-.]/;
/** Before Kubernetes 1.7 these were annotations; they are fields since. */
const FIELDS_NOW: Readonly<Record<string, string>> = {
  [`${SERVICE_PREFIX}external-traffic`]: 'spec.externalTrafficPolicy',
  [`${SERVICE_PREFIX}healthcheck-nodeport`]: 'spec.healthCheckNodePort',
};
/** Annotations of other Ingress controllers that have an equal here. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\/(force-)?ssl-redirect$/, 'alb.ingress.kubernetes.io/ssl-redirect: "443"'],
  [/\/(rewrite-target|app-root)$/, 'alb.ingress.kubernetes.io/transforms.SERVICE (url-rewrite)'],
  [/\/whitelist-source-range$/, 'alb.ingress.kubernetes.io/inbound-cidrs'],
  [/\/backend-protocol$/, 'alb.ingress.kubernetes.io/backend-protocol'],
  [/\/(affinity|session-cookie-\w+)$/, 'target-group-attributes: stickiness.enabled=true'],
  [/\/(canary\S*)$/, 'alb.ingress.kubernetes.io/actions.NAME with weights'],
  [/\/use-regex$/, 'alb.ingress.kubernetes.io/use-regex-path-match: "true"'],
  [/\/proxy-read-timeout$/, 'load-balancer-attributes: idle_timeout.timeout_seconds=SECONDS'],
  [/\/auth-(type|url|signin)$/, 'alb.ingress.kubernetes.io/auth-type'],
];

/** What is wrong with the keys of one object's annotations and labels. */
export function annotationNames(input: LintInput): Finding[] {
  return input.all.flatMap((it) => {
    if (!KINDS.has(it.object.kind)) return [];
    const keys = Object.keys(annotationsOf(it.object));
    const labels = Object.keys(it.object.metadata.labels ?? {});
    return [
      ...keys.flatMap((key) => ofAnnotation(input, it, key)),
      ...labels.flatMap((key) => ofLabel(it, key)),
    ];
  });
}

function ofAnnotation(input: LintInput, it: Linted, key: string): Finding[] {
  const known = knownAnnotation(key);
  if (known === undefined) return ofUnknown(input, it, key);
  const where = placeOfAnnotation(it, key);
  if (known.label === true) {
    const text = `${key} is a label; as an annotation nobody reads it`;
    const hint = `put it under metadata.labels of the ${known.on.join(' or ')}`;
    return [error(it, where, { check: 'label-as-annotation', text, hint })];
  }
  if (!known.on.includes(it.object.kind)) return [misplaced(it, key, known)];
  if (known.gone !== undefined) {
    const text = `${key} is not read since ${known.gone}`;
    return [error(it, where, { check: 'annotation-gone', text, hint: insteadOf(known) })];
  }
  return [...ofReader(input, it, key, known), ...ofDeprecated(it, key, known)];
}

const insteadOf = ({ instead }: KnownAnnotation): string =>
  instead === undefined ? 'leave it out' : `write ${instead}`;

function misplaced(it: Linted, key: string, known: KnownAnnotation): Finding {
  const kinds = known.on.join(' or ');
  const text = `${key} is read on ${article(kinds)} ${kinds}, not on ${article(it.object.kind)} ${it.object.kind}`;
  const hint = `move it to the ${kinds}, or leave it out`;
  return error(it, placeOfAnnotation(it, key), { check: 'misplaced-annotation', text, hint });
}

const article = (word: string): string => (/^[AEIOU]/.test(word) ? 'an' : 'a');

function ofUnknown(input: LintInput, it: Linted, key: string): Finding[] {
  const where = placeOfAnnotation(it, key);
  const field = FIELDS_NOW[key];
  if (field !== undefined) {
    const text = `${key} is a field of the Service since Kubernetes 1.7`;
    return [error(it, where, { check: 'annotation-gone', text, hint: `write ${field}` })];
  }
  if (key.startsWith(SERVICE_PREFIX) && OTHER_CLOUD.test(key.slice(SERVICE_PREFIX.length))) {
    const text = `${key} is for another cloud: nothing in AWS reads it`;
    return [warning(it, where, { check: 'foreign-annotation', text, hint: 'leave it out' })];
  }
  if (hasOwnPrefix(key) || hasSlippedPrefix(key)) {
    const near = nearestAnnotations(key).filter((name) => knownAnnotation(name)?.label !== true);
    const hint =
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'leave it out; it changes nothing';
    const text = `${key} is no annotation that anybody reads`;
    return [error(it, where, { check: 'unknown-annotation', text, hint })];
  }
  return it.object.kind === 'Ingress' ? ofForeign(input, it, key) : [];
}

/** `alb.ingress.kubernetes.com/…`, `service.kubernetes.io/aws-load-balancer-…`. */
function hasSlippedPrefix(key: string): boolean {
  const [prefix, suffix = ''] = key.split('/');
  if (suffix.startsWith('aws-load-balancer-')) return true;
  return /^(alb[.-]|ingress\.alb|service\.(beta|alpha|kubernetes)|elbv2\.|external-?dns\.)/.test(
    prefix!,
  );
}

/** Annotations of another Ingress controller on an Ingress that is not its. */
function ofForeign(input: LintInput, it: Linted, key: string): Finding[] {
  const isForeign = /^(nginx|haproxy|traefik|kong|contour|nginx\.org|ingress)[.\w-]*\//.test(key);
  if (!isForeign || !isIngress(it) || !isAlb(ingressClaim(input, it.object))) return [];
  const same = FOREIGN.find(([pattern]) => pattern.test(key))?.[1];
  const text = `${key} is for another Ingress controller: the AWS Load Balancer Controller does not read it`;
  const hint = same === undefined ? 'leave it out' : `the ALB has ${same}`;
  const place = placeOfAnnotation(it, key);
  return [warning(it, place, { check: 'foreign-annotation', text, hint })];
}

function ofDeprecated(it: Linted, key: string, known: KnownAnnotation): Finding[] {
  if (known.instead === undefined) return [];
  const text = `${key} is deprecated`;
  const hint = insteadOf(known);
  const place = placeOfAnnotation(it, key);
  return [warning(it, place, { check: 'deprecated-annotation', text, hint })];
}

/** Annotations of a Service that whoever takes it does not look at. */
function ofReader(input: LintInput, it: Linted, key: string, known: KnownAnnotation): Finding[] {
  if (!isService(it) || !key.startsWith(SERVICE_PREFIX)) return [];
  const { by, reason } = claimOf(input, it.object);
  if (by !== 'in-tree' && by !== 'load-balancer-controller') return [];
  if (known.readers.includes(by)) return [];
  const reads =
    known.readers[0] === 'in-tree' ? 'the in-tree controller' : 'the AWS Load Balancer Controller';
  const takes = by === 'in-tree' ? 'the in-tree controller' : 'the AWS Load Balancer Controller';
  const text = `${key} is read by ${reads}; this Service is taken by ${takes} (${reason})`;
  const hint =
    by === 'in-tree'
      ? 'give the Service spec.loadBalancerClass: service.k8s.aws/nlb when it is made, or leave this out'
      : 'leave it out; a network load balancer has no such setting, or has it as an attribute';
  const place = placeOfAnnotation(it, key);
  return [warning(it, place, { check: 'annotation-not-read', text, hint })];
}

function ofLabel(it: Linted, key: string): Finding[] {
  const where = it.at(['metadata', 'labels', key]);
  const known = knownAnnotation(key);
  if (known !== undefined && known.label !== true) {
    const text = `${key} is an annotation; as a label nobody reads it`;
    const hint = 'put it under metadata.annotations';
    return [error(it, where, { check: 'annotation-as-label', text, hint })];
  }
  if (known !== undefined || !hasOwnPrefix(key)) return [];
  const near = nearestAnnotations(key);
  const text = `${key} is no label that anybody reads`;
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'leave it out';
  return [error(it, where, { check: 'unknown-annotation', text, hint })];
}
