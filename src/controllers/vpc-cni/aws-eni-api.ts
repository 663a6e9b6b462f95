/**
 * controllers/vpc-cni/aws-eni-api — ipamd's requests to EC2, with upstream's tries, tags and order.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go:820-1500 (AllocENI, FreeENI,
 * AllocIPAddresses), 1125-1332 (subnets), 1750-1830 (waiting for metadata).
 *
 * Reads: instance metadata (the store). Writes: EC2.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { preciseTimestamp } from '../../model/time.ts';
import type { Clock } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import type { AllocEniInput, EniApi, EniMetadata } from './eni-api.ts';
import { detachAndDelete } from './eni-removal.ts';
import type { IpamdEnv } from './env.ts';
import {
  attachedEnis,
  blockAddress,
  isPrefixBlock,
  type MetadataReader,
  metadataOf,
} from './instance-metadata.ts';
import { subnetsForNewEnis } from './subnet-discovery.ts';

export const ENI_DESCRIPTION_PREFIX = 'aws-K8S-';
export const INSTANCE_TAG = 'node.k8s.amazonaws.com/instance_id';
export const CREATED_AT_TAG = 'node.k8s.amazonaws.com/createdAt';
export const CLUSTER_TAG = 'cluster.k8s.amazonaws.com/name';
const OWNER_TAG = 'eks:eni:owner';
export const OWNER = 'amazon-vpc-cni';

/** maxENIEC2APIRetries and the waits between looks at metadata, awsutils.go:90-110. */
const TRIES = 12;
const METADATA_WAIT_MS = 100;
const METADATA_WAIT_MAX_MS = 5_000;

export interface AwsEniApiParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly ec2: Ec2;
  readonly instanceId: string;
  readonly metadata: MetadataReader;
  readonly env: IpamdEnv;
  /** Whether prefixes are what is handed out (the environment, unless the type cannot). */
  readonly prefixDelegation: boolean;
}

export function createEniApi(parts: AwsEniApiParts): EniApi {
  const { store, ec2, instanceId } = parts;
  const present = (): readonly EniMetadata[] => attachedEnis(store, parts.metadata);
  return {
    attachedEnis: present,
    allocEni: (input) => allocEni(parts, input),
    freeEni: (eniId) => detachAndDelete(parts, eniId),
    allocIpAddresses: (eniId, count) => allocIpAddresses(parts, eniId, count),
    waitForEniAndIpsAttached: (eniId, count) => waitForEniAndIpsAttached(parts, eniId, count),
    allocIpv6Prefix: (eniId) => allocIpv6Prefix(parts, eniId),
    async describeCidrs(eniId, prefixes) {
      const result = await ec2.describeNetworkInterfaces({ networkInterfaceIds: [eniId] });
      if (isAwsError(result)) return result;
      const eni = result[0] === undefined ? undefined : metadataOf(store, result[0]);
      return (prefixes ? eni?.prefixes : eni?.secondaryCidrs) ?? [];
    },
    deallocCidrs: (eniId, cidrs) => deallocCidrs(parts, eniId, cidrs),
    async tagEni({ eniId, tags: current }) {
      const missing = Object.entries(eniTags(parts)).filter(
        ([key, value]) => current[key] !== value,
      );
      if (missing.length === 0) return true;
      return ec2.createTags({ resources: [eniId], tags: Object.fromEntries(missing) });
    },
    setSecurityGroups: (eniId, groups) =>
      ec2.modifyNetworkInterfaceAttribute({ networkInterfaceId: eniId, groups }),
    async attachedInEc2() {
      const filters = [{ name: 'attachment.instance-id', values: [instanceId] }];
      const result = await ec2.describeNetworkInterfaces({ filters });
      return isAwsError(result)
        ? result
        : new Set<string>(result.map((eni) => eni.networkInterfaceId));
    },
    async describeAllEnis() {
      const ids = present().map((eni) => eni.eniId);
      // An instance that was terminated meanwhile has none, and EC2 takes no id for every id.
      if (ids.length === 0) return [];
      const result = await ec2.describeNetworkInterfaces({ networkInterfaceIds: ids });
      if (isAwsError(result)) return result;
      return result.flatMap((eni) => metadataOf(store, eni) ?? []);
    },
  };
}

async function allocIpAddresses(
  { ec2, prefixDelegation }: AwsEniApiParts,
  eniId: string,
  count: number,
): Promise<readonly string[] | AwsError> {
  const result = await ec2.assignPrivateIpAddresses({
    networkInterfaceId: eniId,
    ...(prefixDelegation ? { ipv4PrefixCount: count } : { secondaryPrivateIpAddressCount: count }),
  });
  if (isAwsError(result)) return result;
  return prefixDelegation
    ? result.ipv4Prefixes
    : result.privateIpAddresses.map((address) => `${address}/32`);
}

/** Looks at metadata until it shows the ENI with all its blocks, or with some at the last try. */
async function waitForEniAndIpsAttached(
  parts: AwsEniApiParts,
  eniId: string,
  count: number,
): Promise<EniMetadata | AwsError> {
  let waitMs = METADATA_WAIT_MS;
  for (let tries = 0; ; tries++) {
    const eni = attachedEnis(parts.store, parts.metadata).find((one) => one.eniId === eniId);
    const blocks = eni === undefined ? 0 : blockCount(eni, parts.prefixDelegation, parts.env.ipv6);
    // Upstream waits for all, and makes do with some when the tries are used up.
    if (eni !== undefined && (blocks >= count || (tries >= TRIES && blocks > 0))) return eni;
    if (tries >= TRIES)
      return awsError('NoNetworkInterfaces', `ENI ${eniId}: unable to discover attached ENI`);
    await parts.clock.sleep(waitMs);
    waitMs = Math.min(waitMs * 2, METADATA_WAIT_MAX_MS);
  }
}

/** The ENI's IPv6 prefixes; asks EC2 for one when it has none. */
async function allocIpv6Prefix(
  { store, ec2, metadata }: AwsEniApiParts,
  eniId: string,
): Promise<readonly string[] | AwsError> {
  const eni = attachedEnis(store, metadata).find((one) => one.eniId === eniId);
  const held = eni?.ipv6Prefixes ?? [];
  if (held.length > 0) return held;
  const result = await ec2.assignIpv6Addresses({ networkInterfaceId: eniId, ipv6PrefixCount: 1 });
  return isAwsError(result) ? result : result.ipv6Prefixes;
}

function deallocCidrs(
  { ec2 }: AwsEniApiParts,
  eniId: string,
  cidrs: readonly string[],
): Promise<true | AwsError> {
  const prefixes = cidrs.filter(isPrefixBlock);
  const addresses = cidrs.filter((cidr) => !isPrefixBlock(cidr)).map(blockAddress);
  return ec2.unassignPrivateIpAddresses({
    networkInterfaceId: eniId,
    ...(prefixes.length > 0 ? { ipv4Prefixes: prefixes } : {}),
    ...(addresses.length > 0 ? { privateIpAddresses: addresses } : {}),
  });
}

const blockCount = (eni: EniMetadata, prefixes: boolean, ipv6: boolean): number =>
  ipv6 ? Number.POSITIVE_INFINITY : prefixes ? eni.prefixes.length : eni.secondaryCidrs.length;

/** The tags of every ENI the CNI manages: buildENITags, awsutils.go:1075. */
export function eniTags(
  parts: Pick<AwsEniApiParts, 'instanceId' | 'env'>,
): Readonly<Record<string, string>> {
  const { clusterName, additionalEniTags } = parts.env;
  return {
    ...additionalEniTags,
    [INSTANCE_TAG]: parts.instanceId,
    ...(clusterName === '' ? {} : { [CLUSTER_TAG]: clusterName, [OWNER_TAG]: OWNER }),
  };
}

/** The lowest device number no ENI of the card has. The resource controller takes the highest. */
function freeDeviceNumber(enis: readonly EniMetadata[], networkCard: number): number {
  const taken = new Set(
    enis.filter((eni) => eni.networkCard === networkCard).map((eni) => eni.deviceNumber),
  );
  let free = networkCard === 0 ? 0 : 1;
  while (taken.has(free)) free++;
  return free;
}

/** Where a new ENI may go, in order, and the groups it gets. */
async function placesFor(
  parts: AwsEniApiParts,
  instance: Instance,
  primary: EniMetadata,
  input: AllocEniInput,
): Promise<readonly string[]> {
  if (input.subnetId !== '') return [input.subnetId];
  if (!parts.env.subnetDiscovery) return [primary.subnetId];
  const subnets = await parts.ec2.describeSubnets({
    filters: [
      { name: 'vpc-id', values: [instance.vpcId] },
      { name: 'availability-zone', values: [instance.availabilityZone] },
    ],
  });
  // Without ec2:DescribeSubnets upstream falls back to the node's own subnet.
  if (isAwsError(subnets)) return [primary.subnetId];
  return subnetsForNewEnis(subnets, primary.subnetId, parts.env.clusterName).map(
    (subnet) => subnet.subnetId,
  );
}

async function allocEni(parts: AwsEniApiParts, input: AllocEniInput): Promise<string | AwsError> {
  const { ec2, clock, store, instanceId, env } = parts;
  const enis = attachedEnis(store, parts.metadata);
  const primary = enis.find((eni) => eni.networkCard === 0 && eni.deviceNumber === 0);
  const instance = store.get('ec2/instance', instanceId);
  if (primary === undefined || instance === undefined)
    return awsError('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`);

  let created: { readonly networkInterfaceId: string } | AwsError = awsError(
    'NoUsableSubnet',
    'no valid subnets found',
  );
  for (const subnetId of await placesFor(parts, instance, primary, input)) {
    created = await ec2.createNetworkInterface({
      subnetId,
      description: ENI_DESCRIPTION_PREFIX + instanceId,
      groups: input.securityGroups ?? primary.groups,
      // Only an ENI that is made here has a time: the leaked-ENI sweep deletes by it.
      tags: { ...eniTags(parts), [CREATED_AT_TAG]: preciseTimestamp(clock.now()) },
      ...(env.ipv6
        ? { ipv6PrefixCount: 1 }
        : parts.prefixDelegation
          ? { ipv4PrefixCount: input.count }
          : { secondaryPrivateIpAddressCount: input.count }),
    });
    if (!isAwsError(created)) break;
  }
  if (isAwsError(created)) return created;

  const eniId = created.networkInterfaceId;
  const attached = await ec2.attachNetworkInterface({
    networkInterfaceId: eniId,
    instanceId,
    deviceIndex: freeDeviceNumber(enis, input.networkCard),
    networkCardIndex: input.networkCard,
  });
  if (isAwsError(attached)) {
    await ec2.deleteNetworkInterface({ networkInterfaceId: eniId });
    return attached;
  }
  const marked = await ec2.modifyNetworkInterfaceAttribute({
    networkInterfaceId: eniId,
    attachment: { attachmentId: attached.attachmentId, deleteOnTermination: true },
  });
  if (!isAwsError(marked)) return eniId;
  await detachAndDelete(parts, eniId);
  return marked;
}
