/** api/aws/ec2/places — EC2's operations on regions, zones, and the account's own attributes. */
import type { AvailabilityZone, EC2, Region } from '@aws-sdk/client-ec2';
import { type FilterTable, filterTest } from '../../../cloud/ec2/filters.ts';
import { invalidValue } from '../../../cloud/ec2/not-found.ts';
import { REGION_ZONES } from '../../../cloud/regions.data.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { filtersOf } from './requests.ts';

/** Places have no tags; every filter table is over tagged nouns. */
interface Untagged {
  readonly tags: Tags;
}

const ZONE_FILTERS: FilterTable<AvailabilityZone & Untagged> = {
  'zone-name': ({ ZoneName }) => ZoneName,
  'zone-id': ({ ZoneId }) => ZoneId,
  'region-name': ({ RegionName }) => RegionName,
  'zone-type': ({ ZoneType }) => ZoneType,
  state: ({ State }) => State,
  'opt-in-status': ({ OptInStatus }) => OptInStatus,
  'group-name': ({ GroupName }) => GroupName,
  'group-long-name': () => undefined,
  'parent-zone-id': () => undefined,
  'parent-zone-name': () => undefined,
  message: () => undefined,
};

const zonesOf = ({ cloud }: AwsCall): readonly AvailabilityZone[] =>
  cloud.availabilityZones.map(({ name, id }) => ({
    OptInStatus: 'opt-in-not-required',
    Messages: [],
    RegionName: cloud.region,
    ZoneName: name,
    ZoneId: id,
    GroupName: `${cloud.region}-zg-1`,
    NetworkBorderGroup: cloud.region,
    ZoneType: 'availability-zone',
    State: 'available',
  }));

const REGION_FILTERS: FilterTable<Region & Untagged> = {
  endpoint: ({ Endpoint }) => Endpoint,
  'region-name': ({ RegionName }) => RegionName,
  'opt-in-status': ({ OptInStatus }) => OptInStatus,
};

/** Regions of the account's partition, the twin's own among them. */
function regionsOf({ cloud }: AwsCall): readonly Region[] {
  const ofPartition = (name: string) => /^(cn|us-gov)-/.exec(name)?.[0] ?? '';
  const names = Object.keys(REGION_ZONES).filter(
    (name) => ofPartition(name) === ofPartition(cloud.region),
  );
  return [...new Set([...names, cloud.region])].sort().map((name) => ({
    OptInStatus: 'opt-in-not-required',
    RegionName: name,
    Endpoint: `ec2.${name}.amazonaws.com${name.startsWith('cn-') ? '.cn' : ''}`,
  }));
}

/** Limits as an account has them that never asked for more. */
const ATTRIBUTES = {
  'vpc-max-security-groups-per-interface': '5',
  'max-instances': '20',
  'supported-platforms': 'VPC',
  'max-elastic-ips': '5',
  'vpc-max-elastic-ips': '5',
} as const;

export const places: Handlers<EC2> = {
  DescribeAvailabilityZones(input, call) {
    const zones = zonesOf(call);
    const { ZoneNames = [], ZoneIds = [] } = input;
    const unknown = [
      ...ZoneNames.filter((name) => !zones.some(({ ZoneName }) => ZoneName === name)),
      ...ZoneIds.filter((id) => !zones.some(({ ZoneId }) => ZoneId === id)),
    ];
    if (unknown.length > 0)
      return invalidValue(`Invalid availability zone: [${unknown.join(', ')}]`);
    const test = filterTest(ZONE_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const isNamed = ({ ZoneName = '', ZoneId = '' }: AvailabilityZone) =>
      ZoneNames.length + ZoneIds.length === 0 ||
      ZoneNames.includes(ZoneName) ||
      ZoneIds.includes(ZoneId);
    return {
      AvailabilityZones: zones.filter((zone) => isNamed(zone) && test({ ...zone, tags: {} })),
    };
  },

  DescribeRegions(input, call) {
    const regions = regionsOf(call);
    const { RegionNames = [] } = input;
    const unknown = RegionNames.filter(
      (it) => !regions.some(({ RegionName }) => RegionName === it),
    );
    if (unknown.length > 0) return invalidValue(`Invalid region provided: [${unknown.join(', ')}]`);
    const test = filterTest(REGION_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const isNamed = ({ RegionName = '' }: Region) =>
      RegionNames.length === 0 || RegionNames.includes(RegionName);
    return { Regions: regions.filter((it) => isNamed(it) && test({ ...it, tags: {} })) };
  },

  DescribeAccountAttributes(input, { store }) {
    const standard = store.list('ec2/vpc').find(({ isDefault }) => isDefault);
    const all: Readonly<Record<string, string>> = {
      ...ATTRIBUTES,
      'default-vpc': standard?.vpcId ?? 'none',
    };
    const names: readonly string[] = input.AttributeNames ?? Object.keys(all);
    const unknown = names.find((name) => !Object.hasOwn(all, name));
    if (unknown !== undefined)
      return invalidValue(`Value (${unknown}) for parameter attribute is invalid.`);
    return {
      AccountAttributes: names.map((AttributeName) => ({
        AttributeName,
        AttributeValues: [{ AttributeValue: all[AttributeName] }],
      })),
    };
  },
};
