/**
 * load-balancer/webhooks/class-params-validator — are the parameters of a class what their CRD
 * cannot tell: blocks without host bits, subnets by ids or by tags?
 *
 * Upstream: aws-load-balancer-controller@225f4456 webhooks/elbv2/ingressclassparams_validator.go.
 */
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  required,
} from '../../../cluster/field-error.ts';
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { IngressClassParams, SubnetSelector } from '../../../model/kubernetes/ingress.ts';
import { canonicalCidr, formatCidr, isCanonical, parseCidr, parseIp } from '../../../net/index.ts';

export const classParamsValidator: Webhook = {
  name: 'vingressclassparams.elbv2.k8s.aws',
  kinds: ['IngressClassParams'],
  failurePolicy: 'Fail',
  phase: 'validating',
  mutate(object) {
    const denied = classParamsComplaint(object as IngressClassParams);
    return denied === undefined ? object : { denied };
  },
};

/** What is wrong, in the words of an aggregate of field errors; undefined where nothing is. */
export function classParamsComplaint({ spec }: IngressClassParams): string | undefined {
  const errors = [
    ...(spec?.inboundCIDRs ?? []).flatMap((cidr, i) => cidrErrors(cidr, `spec.inboundCIDRs[${i}]`)),
    ...(spec?.subnets === undefined ? [] : subnetErrors(spec.subnets)),
  ];
  const texts = [...new Set(errors.map(({ field, body }) => `${field}: ${body}`))];
  if (texts.length === 0) return undefined;
  return texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
}

function cidrErrors(text: string, field: string): readonly FieldError[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    const isAddress = !text.includes('/') && parseIp(text) !== undefined;
    const length = text.includes(':') ? 64 : 32;
    const hint = isAddress ? ` (did you mean "${text}/${length}")` : '';
    return [invalid(field, text, `Could not be parsed as a CIDR${hint}`)];
  }
  if (isCanonical(cidr)) return [];
  const meant = formatCidr(canonicalCidr(cidr));
  return [invalid(field, text, `Network contains bits outside prefix (did you mean "${meant}")`)];
}

function subnetErrors({ ids, tags }: SubnetSelector): readonly FieldError[] {
  const field = 'spec.subnets';
  if (ids === undefined && tags === undefined) {
    return [required(field, 'must have either `ids` or `tags`')];
  }
  if (ids !== undefined) {
    return tags === undefined
      ? duplicates(ids, `${field}.ids`)
      : [forbidden(`${field}.tags`, 'may not have both `ids` and `tags` set')];
  }
  const byTag = Object.entries(tags ?? {});
  if (byTag.length === 0) return [required(`${field}.tags`, 'must have at least one tag key')];
  return byTag.flatMap(([key, values]) => duplicates(values, `${field}.tags[${key}]`));
}

const duplicates = (values: readonly string[], field: string): readonly FieldError[] =>
  values.flatMap((value, i) =>
    values.indexOf(value) < i ? [duplicate(`${field}[${i}]`, value)] : [],
  );
