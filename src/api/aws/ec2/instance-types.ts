/**
 * api/aws/ec2/instance-types — EC2's operations on instance types: what each can carry, and where
 * it is offered. Prices, disks and processors' features are in no table of ekstwin's.
 */
import type { EC2, InstanceTypeInfo, InstanceTypeOffering } from '@aws-sdk/client-ec2';
import { type FilterTable, filterTest } from '../../../cloud/ec2/filters.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import { allInstanceTypes, type InstanceType } from '../../../model/ec2/instance-type.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { filtersOf, page } from './requests.ts';

/** Types have no tags; every filter table is over tagged nouns. */
interface Untagged {
  readonly tags: Tags;
}

const archOf = ({ arch }: InstanceType): 'arm64' | 'x86_64' =>
  arch === 'arm64' ? 'arm64' : 'x86_64';

const interfacesMax = ({ networkCards }: InstanceType): number =>
  networkCards.reduce((sum, card) => sum + card.maxInterfaces, 0);

const TYPE_FILTERS: FilterTable<InstanceType & Untagged> = {
  'instance-type': ({ name }) => name,
  'bare-metal': ({ bareMetal }) => bareMetal,
  hypervisor: ({ hypervisor }) => (hypervisor === 'unknown' ? undefined : hypervisor),
  'current-generation': () => true,
  'processor-info.supported-architecture': archOf,
  'vcpu-info.default-vcpus': ({ vcpus }) => vcpus,
  'memory-info.size-in-mib': ({ memoryMib }) => memoryMib,
  'network-info.maximum-network-interfaces': interfacesMax,
  'network-info.maximum-network-cards': ({ networkCards }) => networkCards.length,
  'network-info.ipv4-addresses-per-interface': ({ ipv4PerEni }) => ipv4PerEni,
  'network-info.ipv6-addresses-per-interface': ({ ipv4PerEni }) => ipv4PerEni,
  'network-info.ipv6-supported': () => true,
};

const showType = (type: InstanceType): InstanceTypeInfo => ({
  InstanceType: type.name as NonNullable<InstanceTypeInfo['InstanceType']>,
  BareMetal: type.bareMetal,
  Hypervisor: type.hypervisor === 'unknown' ? undefined : type.hypervisor,
  ProcessorInfo: { SupportedArchitectures: [archOf(type)] },
  VCpuInfo: { DefaultVCpus: type.vcpus },
  MemoryInfo: { SizeInMiB: type.memoryMib },
  NetworkInfo: {
    MaximumNetworkInterfaces: interfacesMax(type),
    MaximumNetworkCards: type.networkCards.length,
    DefaultNetworkCardIndex: type.defaultNetworkCardIndex,
    NetworkCards: type.networkCards.map((card) => ({
      NetworkCardIndex: card.networkCardIndex,
      MaximumNetworkInterfaces: card.maxInterfaces,
    })),
    Ipv4AddressesPerInterface: type.ipv4PerEni,
    Ipv6AddressesPerInterface: type.ipv4PerEni,
    Ipv6Supported: true,
  },
});

type Offering = InstanceTypeOffering & Untagged;

const OFFERING_FILTERS: FilterTable<Offering> = {
  location: ({ Location }) => Location,
  'instance-type': ({ InstanceType: type }) => type,
};

/** Where types are offered, by how a request names places: everywhere, as far as we know. */
function placesOf({ cloud }: AwsCall, type: string): readonly string[] | undefined {
  if (type === 'region') return [cloud.region];
  if (type === 'availability-zone') return cloud.availabilityZones.map(({ name }) => name);
  return type === 'availability-zone-id' ? cloud.availabilityZones.map(({ id }) => id) : undefined;
}

/** All pages of offerings have at most this many. */
const OFFERINGS_PAGE = 1_000;

export const instanceTypes: Handlers<EC2> = {
  DescribeInstanceTypes(input, call) {
    const test = filterTest(TYPE_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const named = input.InstanceTypes ?? [];
    const types =
      named.length === 0
        ? allInstanceTypes()
        : call.cloud.ec2.describeInstanceTypes({ instanceTypes: named });
    if (isAwsError(types)) return types;
    const found = types.filter((type) => test({ ...type, tags: {} }));
    const size = input.MaxResults ?? 100;
    const part = page(call, { ...input, MaxResults: size }, found, showType);
    return isAwsError(part) ? part : { InstanceTypes: part.items, NextToken: part.NextToken };
  },

  DescribeInstanceTypeOfferings(input, call) {
    const LocationType = input.LocationType ?? 'region';
    const places = placesOf(call, LocationType);
    if (places === undefined) {
      return awsError(
        'InvalidParameterValue',
        `The location type '${LocationType}' is not supported.`,
      );
    }
    const test = filterTest(OFFERING_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const all = allInstanceTypes().flatMap(({ name }) =>
      places.map((Location) => ({
        InstanceType: name as NonNullable<InstanceTypeOffering['InstanceType']>,
        LocationType,
        Location,
        tags: {},
      })),
    );
    const size = { ...input, MaxResults: input.MaxResults ?? OFFERINGS_PAGE };
    const part = page(call, size, all.filter(test), ({ tags: _, ...offering }) => offering);
    if (isAwsError(part)) return part;
    return { InstanceTypeOfferings: part.items, NextToken: part.NextToken };
  },
};
