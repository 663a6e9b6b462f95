/** cloud/elbv2/tag-actions — tags of load balancers, target groups, listeners and rules. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { AwsKinds } from '../../model/kinds.ts';
import type { Region } from '../region.ts';
import {
  DONE,
  noListener,
  noLoadBalancer,
  noRule,
  noTargetGroup,
  validationError,
} from './elb-error.ts';
import type { Elbv2Operations } from './operations.ts';

type TagActions = Pick<Elbv2Operations, 'addTags' | 'removeTags' | 'describeTags'>;
type TaggedKind = 'elbv2/load-balancer' | 'elbv2/target-group' | 'elbv2/listener' | 'elbv2/rule';

/** By the resource's word in its ARN. */
const KINDS: Readonly<
  Record<string, readonly [kind: TaggedKind, missing: (arn: string) => AwsError]>
> = {
  loadbalancer: ['elbv2/load-balancer', noLoadBalancer],
  targetgroup: ['elbv2/target-group', noTargetGroup],
  listener: ['elbv2/listener', noListener],
  'listener-rule': ['elbv2/rule', noRule],
};

/** Source: ELB user guides, "Tag restrictions". */
const TAGS_MAX = 50;

export const tagActions = (region: Region): TagActions => ({
  addTags: ({ resourceArns, tags }) =>
    retag(region, resourceArns, (before) => ({ ...before, ...tags })),
  removeTags: ({ resourceArns, tagKeys }) =>
    retag(region, resourceArns, (before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !tagKeys.includes(key))),
    ),
  describeTags({ resourceArns }) {
    const found = new Map<string, Tags>();
    for (const arn of resourceArns) {
      const noun = tagged(region, arn);
      if (!Array.isArray(noun)) return noun as AwsError;
      found.set(arn, noun[1].tags);
    }
    return found;
  },
});

type Tagged = [kind: TaggedKind, noun: AwsKinds[TaggedKind]];

function tagged({ store }: Region, arn: string): Tagged | AwsError {
  const word = arn.split(':')[5]?.split('/')[0] ?? '';
  const known = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
  if (known === undefined) return validationError(`'${arn}' is not a valid ARN`);
  const [kind, missing] = known;
  const noun = store.get(kind, arn);
  return noun === undefined ? missing(arn) : [kind, noun];
}

/** Changes all or, when one resource is unknown or would have too many, none. */
function retag(
  region: Region,
  arns: readonly string[],
  change: (before: Tags) => Tags,
): typeof DONE | AwsError {
  const writes: (() => void)[] = [];
  for (const arn of new Set(arns)) {
    const it = tagged(region, arn);
    if (!Array.isArray(it)) return it;
    const [kind, noun] = it;
    const tags = change(noun.tags);
    if (Object.keys(tags).length > TAGS_MAX)
      return awsError('TooManyTags', `The maximum number of tags has been reached on '${arn}'`);
    writes.push(() => region.store.put(kind, arn, { ...noun, tags } as never));
  }
  for (const write of writes) write();
  return DONE;
}
