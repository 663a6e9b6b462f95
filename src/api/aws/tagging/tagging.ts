/**
 * api/aws/tagging/tagging — GetResources of the Resource Groups Tagging API: what has a tag, by
 * ARN, of load balancers, clusters and what else of EC2 has tags. The SDK's client of it is no
 * dependency, so that its two shapes stand here.
 */
import { awsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { AwsCall, Handler } from '../operation.ts';
import { pageOf } from '../page.ts';

interface GetResources {
  readonly PaginationToken?: string | undefined;
  readonly TagFilters?: readonly {
    readonly Key?: string | undefined;
    readonly Values?: readonly string[] | undefined;
  }[];
  readonly ResourcesPerPage?: number | undefined;
  readonly ResourceTypeFilters?: readonly string[] | undefined;
  readonly ResourceARNList?: readonly string[] | undefined;
}

interface Tagged {
  readonly arn: string;
  /** `elasticloadbalancing:loadbalancer`, `ec2:vpc`: what ResourceTypeFilters names. */
  readonly type: string;
  readonly tags: Tags;
}

/** EC2's nouns whose kind is what their ARNs call them. */
const EC2_KINDS = [
  ['ec2/vpc', 'vpcId'],
  ['ec2/subnet', 'subnetId'],
  ['ec2/instance', 'instanceId'],
  ['ec2/network-interface', 'networkInterfaceId'],
  ['ec2/security-group', 'groupId'],
  ['ec2/route-table', 'routeTableId'],
  ['ec2/internet-gateway', 'internetGatewayId'],
] as const;

function* taggedOf({ store, cloud }: AwsCall): Iterable<Tagged> {
  const ec2 = `arn:aws:ec2:${cloud.region}:${cloud.accountId}`;
  for (const [kind, id] of EC2_KINDS) {
    const type = kind.slice('ec2/'.length);
    for (const noun of store.list(kind)) {
      const key = String((noun as unknown as Readonly<Record<string, unknown>>)[id]);
      yield { arn: `${ec2}:${type}/${key}`, type: `ec2:${type}`, tags: noun.tags };
    }
  }
  const elb = 'elasticloadbalancing';
  for (const it of store.list('elbv2/load-balancer'))
    yield { arn: it.loadBalancerArn, type: `${elb}:loadbalancer`, tags: it.tags };
  for (const it of store.list('elbv2/target-group'))
    yield { arn: it.targetGroupArn, type: `${elb}:targetgroup`, tags: it.tags };
  for (const it of store.list('elbv2/listener'))
    yield { arn: it.listenerArn, type: `${elb}:listener`, tags: it.tags };
  for (const it of store.list('elbv2/rule'))
    yield { arn: it.ruleArn, type: `${elb}:listener-rule`, tags: it.tags };
  for (const it of store.list('eks/cluster'))
    yield { arn: it.arn, type: 'eks:cluster', tags: it.tags };
  for (const it of store.list('acm/certificate'))
    yield { arn: it.certificateArn, type: 'acm:certificate', tags: it.tags };
}

/** API reference: 50 when nothing is said, at most 100. */
const PAGE_DEFAULT = 50;
const PAGE_MAX = 100;

function getResources(input: GetResources, call: AwsCall) {
  const { TagFilters = [], ResourceTypeFilters = [], ResourceARNList: arns } = input;
  const isWanted = ({ arn, type, tags }: Tagged): boolean =>
    Object.keys(tags).length > 0 &&
    (arns === undefined || arns.length === 0 || arns.includes(arn)) &&
    (ResourceTypeFilters.length === 0 ||
      ResourceTypeFilters.some((it) => type === it || type.startsWith(`${it}:`))) &&
    TagFilters.every(({ Key = '', Values = [] }) => {
      const value = tags[Key];
      return value !== undefined && (Values.length === 0 || Values.includes(value));
    });
  const found = [...taggedOf(call)].filter(isWanted);
  const size = Math.min(input.ResourcesPerPage ?? PAGE_DEFAULT, PAGE_MAX);
  const token = input.PaginationToken === '' ? undefined : input.PaginationToken;
  const part = pageOf(call, found, size, token);
  if (part === undefined)
    return awsError('InvalidParameterException', 'The pagination token is not valid.');
  return {
    ResourceTagMappingList: part.items.map(({ arn, tags }) => ({
      ResourceARN: arn,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    PaginationToken: part.next ?? '',
  };
}

export const HANDLERS: Readonly<Record<string, Handler>> = {
  GetResources: (input, call) => getResources(input as GetResources, call),
};
