/**
 * load-balancer/ingress/group-tags — tags of a group's resources: of the class, of the Ingresses,
 * of the Service behind, and the controller's defaults.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_tags.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { mergeStringMaps } from '../annotations/parser.ts';
import { BuildError, within } from '../build-error.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { alb } from './alb-annotations.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, paramsOf, withDefaultTags } from './group-build.ts';

/** Tags of what the whole group shares. @throws BuildError  where two members disagree */
export function tagsOfMembers(
  members: readonly ClassifiedIngress[],
  settings: ControllerSettings,
): Tags {
  const tags: Record<string, string> = {};
  for (const member of members) {
    for (const [key, value] of Object.entries(ownTags(member, settings))) {
      const before = tags[key];
      if (before !== undefined && before !== value) {
        throw new BuildError(`conflicting tag ${key}: ${before} | ${value}`);
      }
      tags[key] = value;
    }
  }
  return withDefaultTags(settings, tags);
}

/** Tags of what one Ingress makes: a rule. */
export const tagsOfMember = (member: ClassifiedIngress, settings: ControllerSettings): Tags =>
  withDefaultTags(settings, ownTags(member, settings));

/** Tags of a certificate, where the gate for low priority is not asked. */
export const tagsOfCertificate = (member: ClassifiedIngress, settings: ControllerSettings): Tags =>
  mergeStringMaps(settings.defaultTags, ownTags(member, settings));

function ownTags(member: ClassifiedIngress, settings: ControllerSettings): Tags {
  const tags = alb.stringMap('tags', annotationsOf(member)) ?? {};
  within(`failed build tags for Ingress ${memberKey(member)}`, () =>
    refuseManagedElsewhere(tags, settings),
  );
  return mergeStringMaps(classTags(member, settings), tags);
}

/** Tags of a target group: the Service's win over the Ingress's. */
export function tagsOfBackend(
  member: ClassifiedIngress,
  service: Service,
  settings: ControllerSettings,
): Tags {
  const ofService = alb.stringMap('tags', service.metadata.annotations);
  const tags = mergeStringMaps(ofService, alb.stringMap('tags', annotationsOf(member)));
  const whose = `Ingress ${memberKey(member)} and Service ${keyOf(service)}`;
  within(`failed build tags for ${whose}`, () => refuseManagedElsewhere(tags, settings));
  return withDefaultTags(settings, mergeStringMaps(classTags(member, settings), tags));
}

function classTags(member: ClassifiedIngress, settings: ControllerSettings): Tags {
  const tags: Record<string, string> = {};
  for (const { key, value } of paramsOf(member).tags ?? []) tags[key] = value;
  within(`failed build tags for IngressClassParams ${member.params?.metadata.name}`, () =>
    refuseManagedElsewhere(tags, settings),
  );
  return tags;
}

/** @throws BuildError  where a tag is one that `--external-managed-tags` names */
export function refuseManagedElsewhere(
  tags: Tags,
  { externalManagedTags }: Pick<ControllerSettings, 'externalManagedTags'>,
): void {
  for (const key of Object.keys(tags)) {
    if (externalManagedTags.includes(key)) {
      throw new BuildError(`external managed tag key ${key} cannot be specified`);
    }
  }
}
