/**
 * load-balancer/service/service-build — one Service's stack while it is being built.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Labels } from '../../../model/kubernetes/meta.ts';
import { AnnotationParser, mergeStringMaps } from '../annotations/parser.ts';
import { BuildError } from '../build-error.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import type { Stack } from '../stack/stack.ts';
import type { ServiceReads } from './service-reads.ts';

export interface ServiceBuild {
  readonly settings: ControllerSettings;
  readonly service: Service;
  /** Those of `service`; Services a weighted action adds are built by them too. */
  readonly annotations: Labels;
  readonly reads: ServiceReads;
  readonly stack: Stack;
}

/** Annotations of Services, by what follows `service.beta.kubernetes.io/`. */
export const annotated = new AnnotationParser('service.beta.kubernetes.io');

/** `namespace/name`, which is also the stack's id. */
export const keyOf = ({ metadata }: Service): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

/** Tags of every resource: the controller's defaults, and the Service's own. */
export function additionalTags({ settings, annotations }: ServiceBuild): Tags {
  const own = annotated.stringMap('aws-load-balancer-additional-resource-tags', annotations) ?? {};
  const foreign = Object.keys(own).find((key) => settings.externalManagedTags.includes(key));
  if (foreign !== undefined) {
    throw new BuildError(`external managed tag key ${foreign} cannot be specified on Service`);
  }
  return settings.featureGates.EnableDefaultTagsLowPriority
    ? mergeStringMaps(own, settings.defaultTags)
    : mergeStringMaps(settings.defaultTags, own);
}

/** The Service's source ranges: the field, or else the annotation. */
export function sourceRanges({ annotations }: ServiceBuild, { spec }: Service): readonly string[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) return ranges;
  return annotated.stringList('load-balancer-source-ranges', annotations) ?? [];
}
