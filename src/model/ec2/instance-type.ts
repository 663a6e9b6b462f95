/**
 * model/ec2/instance-type — what an EC2 instance type can carry: ENIs, addresses, vCPUs, memory.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/vpc/vpc_ip_resource_limit.go (ENIs, addresses,
 * cards, hypervisor), aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/aws/vpc/limits.go
 * (trunk and branch); sizes as scripts/instance-sizes.txt says.
 * Reads: instance-types.data.ts, parsed on first use.  Writes: nothing.
 */

import { editDistance } from '../nearest.ts';
import { INSTANCE_TYPE_LINES } from './instance-types.data.ts';

type Hypervisor = 'nitro' | 'xen' | 'unknown';
type Architecture = 'amd64' | 'arm64';

/** One network card and how many interfaces fit on it. */
interface NetworkCard {
  readonly networkCardIndex: number;
  readonly maxInterfaces: number;
}

export interface InstanceType {
  readonly name: string;
  /** ENIs on the default network card, the only ones pods use unless multi-NIC is on. */
  readonly maxEnis: number;
  /** Addresses per ENI, the primary one included. */
  readonly ipv4PerEni: number;
  /** 'unknown' where the CNI's table says so: bare metal and two retired types. */
  readonly hypervisor: Hypervisor;
  readonly bareMetal: boolean;
  /** Whether the CNI hands out /28 prefixes here: nitro or bare metal (awsutils.go:2025). */
  readonly prefixDelegation: boolean;
  readonly defaultNetworkCardIndex: number;
  readonly networkCards: readonly NetworkCard[];
  /** Security groups for pods; undefined: the resource controller's table lacks this type. */
  readonly trunkCompatible: boolean | undefined;
  /** Branch ENIs the trunk carries; undefined as for `trunkCompatible`. */
  readonly branchInterfaces: number | undefined;
  /** Undefined: no source names it and the family has no other type. */
  readonly vcpus: number | undefined;
  /** Nominal memory, as EC2 lists it; undefined as for `vcpus`. */
  readonly memoryMib: number | undefined;
  readonly arch: Architecture;
  /** True when vCPUs, memory and architecture are derived from a sibling, or unknown. */
  readonly derivedSize: boolean;
}

const HYPERVISORS: Readonly<Record<string, Hypervisor>> = { n: 'nitro', x: 'xen' };

const optionalNumber = (text: string): number | undefined =>
  text === '-' || text === '?' ? undefined : Number(text);

const parseCard = (text: string): NetworkCard => {
  const [index, interfaces] = text.split(':');
  return { networkCardIndex: Number(index), maxInterfaces: Number(interfaces) };
};

/** Reads one line of the table; its fields are described at INSTANCE_TYPE_LINES. */
const parseLine = (line: string): InstanceType => {
  const [name, enis, ips, hypervisorLetter, metal, card, cards, trunk, branch, cpus, memory, arch] =
    line.split(' ') as [string, ...string[]];
  const hypervisor = HYPERVISORS[hypervisorLetter ?? ''] ?? 'unknown';
  const bareMetal = metal === 'b';
  const derivedSize = cpus?.startsWith('~') ?? false;
  return Object.freeze({
    name,
    maxEnis: Number(enis),
    ipv4PerEni: Number(ips),
    hypervisor,
    bareMetal,
    prefixDelegation: hypervisor === 'nitro' || bareMetal,
    defaultNetworkCardIndex: Number(card),
    networkCards: Object.freeze((cards ?? '').split(',').map(parseCard)),
    trunkCompatible: trunk === '-' ? undefined : trunk === 'y',
    branchInterfaces: optionalNumber(branch ?? '-'),
    vcpus: optionalNumber((cpus ?? '?').replace('~', '')),
    memoryMib: optionalNumber(memory ?? '?'),
    arch: arch === 'arm64' ? 'arm64' : 'amd64',
    derivedSize,
  });
};

let typesByName: ReadonlyMap<string, InstanceType> | undefined;

const table = (): ReadonlyMap<string, InstanceType> => {
  typesByName ??= new Map(
    INSTANCE_TYPE_LINES.trim()
      .split('\n')
      .map(parseLine)
      .map((type) => [type.name, type]),
  );
  return typesByName;
};

/** The type of that exact name ("m5.large"); undefined when no table has it. */
export const instanceType = (name: string): InstanceType | undefined => table().get(name);

/** Every known type, sorted by name. */
export const allInstanceTypes = (): readonly InstanceType[] => [...table().values()];

/** How far a name may be off and still be offered, in edits. */
const MAX_EDITS = 4;

/** How many names one "did you mean" offers. */
const MAX_NEAREST = 3;

const familyOf = (name: string): string => name.split('.', 1)[0] ?? name;

/**
 * Up to three known names nearest to `name`, nearest first, for "did you mean"; empty when nothing
 * is near. Among equally near names the ones of the family asked for come first.
 */
export const nearestInstanceTypes = (name: string): readonly string[] => {
  const asked = name.trim().toLowerCase();
  const family = familyOf(asked);
  const ranked: { name: string; edits: number; otherFamily: number }[] = [];
  for (const known of table().keys()) {
    if (Math.abs(known.length - asked.length) > MAX_EDITS) continue;
    const edits = editDistance(asked, known);
    // Half the name wrong is another name, not a typing mistake.
    if (edits > Math.min(MAX_EDITS, asked.length / 2)) continue;
    ranked.push({ name: known, edits, otherFamily: familyOf(known) === family ? 0 : 1 });
  }
  ranked.sort((a, b) => a.edits - b.edits || a.otherFamily - b.otherFamily);
  return ranked.slice(0, MAX_NEAREST).map((candidate) => candidate.name);
};
