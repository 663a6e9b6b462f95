/**
 * formats/adopt-exports — puts an account's exports into the cloud as they are. Exports contradict
 * themselves (they were taken minutes apart, or only in part): what does is kept and said.
 */
import type { Cloud } from '../cloud/cloud.ts';
import type { NetworkInterface } from '../model/ec2/network-interface.ts';
import { InputError, type Note } from '../model/input-error.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import { contains, PrefixTrie, parseCidr, parseIp } from '../net/index.ts';
import type { AwsExport } from './aws/aws-documents.ts';
import type { LocatedObject } from './kubernetes-objects.ts';

/** Contradictions of one sort that are listed; the rest are counted. */
const LISTED_MAX = 10;

/** Every address the interfaces hold, alone or within a prefix. */
function addressesHeld(interfaces: Iterable<NetworkInterface>): (address: string) => boolean {
  const single = new Set<string>();
  const prefixes = new PrefixTrie<true>();
  for (const eni of interfaces) {
    for (const { address } of eni.privateIpAddresses) single.add(address);
    for (const address of eni.ipv6Addresses) single.add(address);
    for (const text of [...eni.ipv4Prefixes, ...eni.ipv6Prefixes]) {
      const prefix = parseCidr(text);
      if (prefix !== undefined) prefixes.insert(prefix, true);
    }
  }
  return (address) => {
    if (single.has(address)) return true;
    const ip = parseIp(address);
    return ip !== undefined && prefixes.longestMatch(ip) !== undefined;
  };
}

/** True for a pod that should hold an address of its own on an interface. */
const holdsAddress = (pod: Pod): boolean =>
  pod.spec.hostNetwork !== true &&
  pod.status?.podIP !== undefined &&
  pod.status.podIP !== '' &&
  pod.status.phase !== 'Succeeded' &&
  pod.status.phase !== 'Failed';

/** Pods whose address no exported interface holds. */
function strayPods(aws: AwsExport, objects: readonly LocatedObject[]): Note[] {
  const interfaces = aws.nouns['ec2/network-interface'];
  if (interfaces.size === 0) return [];
  const isHeld = addressesHeld(interfaces.values());
  const blocks = [...aws.nouns['ec2/vpc'].values()]
    .flatMap((vpc) => [...vpc.cidrBlocks, ...vpc.ipv6CidrBlocks])
    .map(({ cidrBlock }) => parseCidr(cidrBlock))
    .filter((block) => block !== undefined);
  const stray: Note[] = [];
  for (const { object, where, exported } of objects) {
    if (!exported || object.kind !== 'Pod' || !holdsAddress(object as unknown as Pod)) continue;
    const address = (object as unknown as Pod).status!.podIP!;
    const ip = parseIp(address);
    if (ip === undefined || isHeld(address)) continue;
    // Hybrid nodes' pods have addresses outside the VPC.
    if (blocks.length > 0 && !blocks.some((block) => contains(block, ip))) continue;
    const name = `${object.metadata.namespace}/${object.metadata.name}`;
    stray.push({ where, text: `pod ${name} has ${address}, which is on no exported interface` });
  }
  if (stray.length <= LISTED_MAX) return stray;
  const more = stray.length - LISTED_MAX;
  const last = stray[LISTED_MAX]!;
  return [
    ...stray.slice(0, LISTED_MAX),
    { where: last.where, text: `and ${more} more pods with an address on no exported interface` },
  ];
}

/** Pods of one export that claim the same address; one of them is a leftover. */
function sharedAddresses(objects: readonly LocatedObject[]): Note[] {
  const holders = new Map<string, string>();
  const notes: Note[] = [];
  for (const { object, where, exported } of objects) {
    if (!exported || object.kind !== 'Pod' || !holdsAddress(object as unknown as Pod)) continue;
    const address = (object as unknown as Pod).status!.podIP!;
    const name = `${object.metadata.namespace}/${object.metadata.name}`;
    const other = holders.get(address);
    holders.set(address, name);
    if (other !== undefined && other !== name)
      notes.push({ where, text: `pods ${other} and ${name} both have ${address}` });
  }
  return notes.slice(0, LISTED_MAX);
}

/** A node's network is written from its subnet's block: without it there is nothing to run. */
function requireSubnets({ nouns }: AwsExport): void {
  const subnets = nouns['ec2/subnet'];
  const instances = nouns['ec2/instance'];
  for (const { networkInterfaceId, subnetId, attachment } of nouns[
    'ec2/network-interface'
  ].values()) {
    const instanceId = attachment?.instanceId;
    if (instanceId === undefined || !instances.has(instanceId) || subnets.has(subnetId)) continue;
    throw new InputError(
      'aws exports',
      `interface ${networkInterfaceId} of ${instanceId} is in ${subnetId}, and no document has it`,
      'add the subnets: aws ec2 describe-subnets --output json > subnets.json',
    );
  }
}

/**
 * Adopts what the aws documents hold.
 *
 * @param objects  the Kubernetes objects of the same input; only compared with, not adopted
 * @param notes    gains every contradiction, which is kept
 * @returns true when there was anything to adopt
 * @throws InputError when a running node's subnet is in no document
 */
export function adoptExports(
  aws: AwsExport,
  objects: readonly LocatedObject[],
  cloud: Cloud,
  notes: Note[],
): boolean {
  const nouns = Object.fromEntries(
    Object.entries(aws.nouns).map(([kind, byKey]) => [kind, [...byKey.values()]]),
  );
  if (Object.values(nouns).every((list) => list.length === 0)) return false;
  requireSubnets(aws);
  for (const text of cloud.adopt(nouns)) notes.push({ where: 'aws exports', text });
  notes.push(...strayPods(aws, objects), ...sharedAddresses(objects));
  return true;
}
