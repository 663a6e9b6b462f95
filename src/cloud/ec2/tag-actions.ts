/** cloud/ec2/tag-actions — tags of any EC2 resource, told apart by the start of its id. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { AwsKinds } from '../../model/kinds.ts';
import type { Region } from '../region.ts';
import { amazonDhcpOptions } from './dhcp-options-actions.ts';
import * as missing from './not-found.ts';
import type { Ec2Operations } from './operations.ts';

type TaggedKind = Extract<keyof AwsKinds, `ec2/${string}`>;

/** Longer beginnings first where one begins another. */
const KINDS: readonly (readonly [
  prefix: string,
  kind: TaggedKind,
  missing: (id: string) => AwsError,
])[] = [
  ['vpc-', 'ec2/vpc', missing.noVpc],
  ['subnet-', 'ec2/subnet', missing.noSubnet],
  ['eni-', 'ec2/network-interface', missing.noNetworkInterface],
  ['i-', 'ec2/instance', missing.noInstance],
  ['sg-', 'ec2/security-group', missing.noSecurityGroup],
  ['rtb-', 'ec2/route-table', missing.noRouteTable],
  ['acl-', 'ec2/network-acl', missing.noNetworkAcl],
  ['igw-', 'ec2/internet-gateway', missing.noInternetGateway],
  ['eigw-', 'ec2/egress-only-internet-gateway', missing.noEgressOnlyInternetGateway],
  ['nat-', 'ec2/nat-gateway', missing.noNatGateway],
  ['eipalloc-', 'ec2/elastic-ip', missing.noAllocation],
  ['pcx-', 'ec2/vpc-peering-connection', missing.noPeering],
  ['tgw-attach-', 'ec2/transit-gateway-attachment', missing.noTransitGatewayAttachment],
  ['tgw-rtb-', 'ec2/transit-gateway-route-table', missing.noTransitGatewayRouteTable],
  ['tgw-', 'ec2/transit-gateway', missing.noTransitGateway],
  ['vgw-', 'ec2/vpn-gateway', missing.noVpnGateway],
  ['vpce-', 'ec2/vpc-endpoint', missing.noVpcEndpoint],
  ['pl-', 'ec2/prefix-list', missing.noPrefixList],
  ['dopt-', 'ec2/dhcp-options', missing.noDhcpOptions],
  ['fl-', 'ec2/flow-log', missing.noFlowLog],
];

/** Source: EC2 User Guide, "Tag restrictions". */
const TAGS_MAX = 50;

type TagActions = Pick<Ec2Operations, 'createTags' | 'deleteTags'>;

export const tagActions = (region: Region): TagActions => ({
  createTags({ resources, tags }) {
    for (const key of Object.keys(tags)) {
      if (key.startsWith('aws:')) {
        return missing.invalidValue(
          `Value ( ${key} ) for parameter key is invalid. Tag keys starting with 'aws:' are ` +
            'reserved for internal use',
        );
      }
    }
    return retag(region, resources, (before) => ({ ...before, ...tags }));
  },
  deleteTags: ({ resources, keys, values = {} }) =>
    retag(region, resources, (before) => {
      const isAws = (key: string) => key.startsWith('aws:');
      const named = (key: string) => (keys === undefined ? !isAws(key) : keys.includes(key));
      const goes = ([key, value]: [string, string]) =>
        named(key) && (!Object.hasOwn(values, key) || values[key] === value);
      return Object.fromEntries(Object.entries(before).filter((tag) => !goes(tag)));
    }),
});

/** Changes all or, when one resource is unknown or would have too many, none. */
function retag(
  region: Region,
  resources: readonly string[],
  change: (before: Tags) => Tags,
): true | AwsError {
  const writes: (() => void)[] = [];
  for (const id of resources) {
    const rule = id.startsWith('sgr-') ? ruleWrite(region, id, change) : undefined;
    const write = rule ?? nounWrite(region, id, change);
    if (typeof write !== 'function') return write;
    writes.push(write);
  }
  for (const write of writes) write();
  return true;
}

function nounWrite(
  region: Region,
  id: string,
  change: (before: Tags) => Tags,
): (() => void) | AwsError {
  const { store } = region;
  const known = KINDS.find(([prefix]) => id.startsWith(prefix));
  if (known === undefined) return awsError('InvalidID', `The ID '${id}' is not valid`);
  const [, kind, none] = known;
  const noun = store.get(kind, id) ?? amazonDhcpOptions(region, id);
  if (noun === undefined) return none(id);
  const tags = change(noun.tags);
  if (Object.keys(tags).filter((key) => !key.startsWith('aws:')).length > TAGS_MAX)
    return awsError(
      'TagLimitExceeded',
      'The maximum number of Tags for a resource has been reached.',
    );
  return () => store.put(kind, id, { ...noun, tags } as AwsKinds[typeof kind]);
}

/** Security group rules have tags of their own, inside the group. */
function ruleWrite(
  { store }: Region,
  ruleId: string,
  change: (before: Tags) => Tags,
): (() => void) | AwsError {
  const group = store
    .list('ec2/security-group')
    .find(({ rules }) => rules.some((rule) => rule.ruleId === ruleId));
  if (group === undefined) return missing.noSecurityGroupRule(ruleId);
  const rules = group.rules.map((rule) =>
    rule.ruleId === ruleId ? { ...rule, tags: change(rule.tags) } : rule,
  );
  return () => store.put('ec2/security-group', group.groupId, { ...group, rules });
}
