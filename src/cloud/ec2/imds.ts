/**
 * cloud/ec2/imds — the instance metadata service: what a node can learn of its own interfaces
 * without calling EC2, and how it lags behind EC2 when a fault says so.
 *
 * Keys: network/interfaces/macs/{mac}/… as the VPC CNI reads them
 * (aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/imds.go:130).
 */
import type { InstanceId } from '../../model/ec2/ids.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';

/** One interface under `network/interfaces/macs/{mac}/`. */
export interface InterfaceMetadata {
  readonly interfaceId: string;
  readonly deviceNumber: number;
  readonly networkCard: number;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly securityGroupIds: readonly string[];
  /** The primary address first. */
  readonly localIpv4s: readonly string[];
  readonly ipv6s: readonly string[];
  readonly ipv4Prefixes: readonly string[];
  readonly ipv6Prefixes: readonly string[];
  readonly subnetIpv4CidrBlock: string;
  readonly subnetIpv6CidrBlocks: readonly string[];
  readonly vpcIpv4CidrBlocks: readonly string[];
  readonly vpcIpv6CidrBlocks: readonly string[];
}

export interface InstanceMetadata {
  readonly instanceId: InstanceId;
  readonly instanceType: string;
  readonly availabilityZone: string;
  /** MAC of the primary interface. */
  readonly mac: string;
  readonly localIpv4: string;
  readonly interfaces: ReadonlyMap<string, InterfaceMetadata>;
}

/** The instance's metadata as of now; undefined for an instance that is not running. */
export function instanceMetadata(
  store: TwinStore,
  instanceId: string,
): InstanceMetadata | undefined {
  const instance = store.get('ec2/instance', instanceId);
  if (instance === undefined || instance.state !== 'running') return undefined;
  const interfaces = new Map<string, InterfaceMetadata>();
  let mac = '';
  for (const eni of store.lookup('ec2/network-interface', 'instance', instanceId)) {
    interfaces.set(eni.macAddress, interfaceMetadata(store, eni));
    if (
      eni.attachment!.deviceIndex === 0 &&
      eni.privateIpAddresses[0]!.address === instance.privateIpAddress
    )
      mac = eni.macAddress;
  }
  return {
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
    availabilityZone: instance.availabilityZone,
    mac,
    localIpv4: instance.privateIpAddress,
    interfaces,
  };
}

function interfaceMetadata(store: TwinStore, eni: NetworkInterface): InterfaceMetadata {
  const subnet = store.get('ec2/subnet', eni.subnetId);
  const vpc = store.get('ec2/vpc', eni.vpcId);
  const ipv6Block = subnet?.ipv6CidrBlock?.cidrBlock;
  return {
    interfaceId: eni.networkInterfaceId,
    deviceNumber: eni.attachment!.deviceIndex,
    networkCard: eni.attachment!.networkCardIndex,
    subnetId: eni.subnetId,
    vpcId: eni.vpcId,
    securityGroupIds: eni.groups,
    localIpv4s: eni.privateIpAddresses.map(({ address }) => address),
    ipv6s: eni.ipv6Addresses,
    ipv4Prefixes: eni.ipv4Prefixes,
    ipv6Prefixes: eni.ipv6Prefixes,
    subnetIpv4CidrBlock: subnet?.cidrBlock ?? '',
    subnetIpv6CidrBlocks: ipv6Block === undefined ? [] : [ipv6Block],
    vpcIpv4CidrBlocks: (vpc?.cidrBlocks ?? []).map(({ cidrBlock }) => cidrBlock),
    vpcIpv6CidrBlocks: (vpc?.ipv6CidrBlocks ?? []).map(({ cidrBlock }) => cidrBlock),
  };
}

/** IMDS answers with what it knew, for up to `forMs`. */
export interface StaleFault {
  readonly probability: number;
  readonly forMs: Millis;
}

/**
 * Reads one instance's metadata, now and then an old answer.
 *
 * @param fault  asked at every read
 */
export function metadataReader(
  store: TwinStore,
  clock: Clock,
  random: Random,
  instanceId: string,
  fault: () => StaleFault,
): () => InstanceMetadata | undefined {
  let known: { readonly metadata: InstanceMetadata | undefined; readonly atMs: Millis } | undefined;
  return () => {
    const { probability, forMs } = fault();
    const fresh = known === undefined || clock.now() - known.atMs >= forMs;
    if (!fresh && probability > 0 && random.next() < probability) return known!.metadata;
    known = { metadata: instanceMetadata(store, instanceId), atMs: clock.now() };
    return known.metadata;
  };
}
