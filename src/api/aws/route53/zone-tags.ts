/**
 * api/aws/route53/zone-tags — tags of hosted zones; health checks, which have tags too, are none.
 */
import type { Route53, TagResourceType } from '@aws-sdk/client-route-53';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { zoneIdOf, zoneOf } from './hosted-zones.ts';

function tagSet(call: AwsCall, type: TagResourceType | undefined, id: string | undefined) {
  const zone = taggedZone(call, type, id);
  if (isAwsError(zone)) return zone;
  const Tags = Object.entries(zone.tags).map(([Key, Value]) => ({ Key, Value }));
  return { ResourceType: 'hostedzone' as const, ResourceId: zone.hostedZoneId, Tags };
}

function taggedZone(call: AwsCall, type: string | undefined, id: string | undefined) {
  return type === 'hostedzone'
    ? zoneOf(call, id)
    : awsError('NoSuchHealthCheck', `No health check found with ID: ${id}`);
}

export const zoneTags: Handlers<Route53> = {
  ListTagsForResource(input, call) {
    const found = tagSet(call, input.ResourceType, input.ResourceId);
    return isAwsError(found) ? found : { ResourceTagSet: found };
  },

  ListTagsForResources(input, call) {
    const sets = (input.ResourceIds ?? []).map((id) => tagSet(call, input.ResourceType, id));
    const wrong = sets.find((it): it is AwsError => isAwsError(it));
    if (wrong !== undefined) return wrong;
    return { ResourceTagSets: sets.flatMap((it) => (isAwsError(it) ? [] : [it])) };
  },

  ChangeTagsForResource(input, call) {
    const zone = taggedZone(call, input.ResourceType, input.ResourceId);
    if (isAwsError(zone)) return zone;
    const added = (input.AddTags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']);
    const changed = call.cloud.route53.changeTagsForHostedZone({
      hostedZoneId: zoneIdOf(input.ResourceId),
      tags: Object.fromEntries(added),
      removedKeys: input.RemoveTagKeys ?? [],
    });
    return isAwsError(changed) ? changed : {};
  },
};
