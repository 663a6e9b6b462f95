/**
 * load-balancer/ingress/group-build — one group's stack while it is being built.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { LoadBalancerAddressType } from '../../../model/elbv2/load-balancer.ts';
import type { IngressClassParamsSpec } from '../../../model/kubernetes/ingress.ts';
import { mergeStringMaps } from '../annotations/parser.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import type { AttributeSpec } from '../stack/load-balancer-spec.ts';
import { digestOf } from '../stack/names.ts';
import { type Stack, stackIdText } from '../stack/stack.ts';
import { fieldOf } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import type { ClassifiedIngress, IngressGroup } from './group.ts';
import type { IngressReads } from './ingress-reads.ts';

export interface GroupBuild {
  readonly settings: ControllerSettings;
  readonly group: IngressGroup;
  readonly reads: IngressReads;
  readonly stack: Stack;
}

export const LOAD_BALANCER = 'LoadBalancer';
export const LOAD_BALANCER_ARN = fieldOf(
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  LOAD_BALANCER,
  'loadBalancerARN',
);

/** What the member's class says, where it has parameters. */
export const paramsOf = ({ params }: ClassifiedIngress): IngressClassParamsSpec =>
  params?.spec ?? {};

export const annotationsOf = ({ ingress }: ClassifiedIngress) => ingress.metadata.annotations;

/** SHA-256 over cluster, group and what else tells resources of a kind apart. */
export const groupDigest = (
  { settings, group }: Pick<GroupBuild, 'settings' | 'group'>,
  ...rest: readonly (number | string)[]
): string => digestOf(settings.clusterName, stackIdText(group.id), ...rest);

/**
 * Values that members give a setting of the whole load balancer, each once, sorted. A class's value
 * stands in for the annotation's.
 */
export function explicitValues(
  members: readonly ClassifiedIngress[],
  suffix: string,
  ofClass: (params: IngressClassParamsSpec) => string | undefined = () => undefined,
): readonly string[] {
  const values = new Set<string>();
  for (const member of members) {
    const value = ofClass(paramsOf(member)) || alb.string(suffix, annotationsOf(member));
    if (value !== undefined) values.add(value);
  }
  return [...values].sort();
}

/** Go's `%v` of a set of texts: a map without values. */
export const setText = (values: readonly string[]): string =>
  `map[${values.map((value) => `${value}:{}`).join(' ')}]`;

/** Default tags under or over the others, as the feature gate has it. */
export const withDefaultTags = (
  { featureGates, defaultTags }: ControllerSettings,
  tags: Tags,
): Tags =>
  featureGates.EnableDefaultTagsLowPriority
    ? mergeStringMaps(tags, defaultTags)
    : mergeStringMaps(defaultTags, tags);

/** By key: upstream's order is that of a Go map. */
export const attributesOf = (attributes: Readonly<Record<string, string>>): AttributeSpec[] =>
  Object.keys(attributes)
    .sort()
    .map((key) => ({ key, value: attributes[key]! }));

export const isDualStack = (type: LoadBalancerAddressType): boolean => type !== 'ipv4';
