/**
 * analysis/capacity/type-capacity — max pods of an instance type in every mode of the CNI, each
 * with its arithmetic.
 */
import type { InstanceType } from '../../model/ec2/instance-type.ts';
import { type MaxPods, managedGroupMaxPods, maxPodsCalculator } from '../../model/eks/max-pods.ts';
import { allocatable } from '../../model/eks/node-capacity.ts';

export interface ModeCapacity extends MaxPods {
  readonly mode: string;
  readonly where: 'addresses' | 'managed node group';
}

export interface TypeCapacity {
  readonly instanceType: string;
  /** ENIs on the default network card, and addresses on each, its own included. */
  readonly enis: number;
  readonly ipv4PerEni: number;
  readonly networkCards: number;
  readonly vcpus?: number | undefined;
  readonly memoryMib?: number | undefined;
  readonly hypervisor: string;
  readonly prefixDelegation: boolean;
  readonly modes: readonly ModeCapacity[];
  /** Security groups for pods: at most that many pods with one; absent where unknown. */
  readonly branchEnis?: number | undefined;
  readonly trunkCompatible?: boolean | undefined;
  /** What the kubelet leaves for pods with the managed group's default limit. */
  readonly allocatable?: { readonly cpuMilli: number; readonly memoryMib: number } | undefined;
  readonly notes: readonly string[];
}

/** Any version with prefix delegation. */
const CNI_VERSION = '1.20.0';

const MODES = [
  { mode: 'secondary addresses', prefixDelegation: false, customNetworking: false },
  { mode: 'prefix delegation', prefixDelegation: true, customNetworking: false },
  { mode: 'custom networking', prefixDelegation: false, customNetworking: true },
  { mode: 'custom networking + prefixes', prefixDelegation: true, customNetworking: true },
] as const;

/** Everything known of the type's pod limits. */
export function typeCapacity(type: InstanceType): TypeCapacity {
  const modes: ModeCapacity[] = [];
  for (const { mode, ...cni } of MODES) {
    if (cni.prefixDelegation && !type.prefixDelegation) continue;
    // The CNI hands out prefixes on bare metal too; only EKS's calculator does not count them.
    const facts = type.prefixDelegation ? { ...type, hypervisor: 'nitro' as const } : type;
    const most = maxPodsCalculator(facts, {
      cniVersion: CNI_VERSION,
      ...cni,
      showMaxAllowed: true,
    });
    modes.push({ mode, where: 'addresses', ...most });
    modes.push({ mode, where: 'managed node group', ...managedGroupMaxPods([type], cni) });
  }
  if (type.prefixDelegation)
    modes.push({
      mode: 'IPv6',
      where: 'managed node group',
      ...managedGroupMaxPods([type], { prefixDelegation: true }),
    });
  const limit = managedGroupMaxPods([type], {}).maxPods;
  const left = allocatable(type, limit);
  return {
    instanceType: type.name,
    enis: type.maxEnis,
    ipv4PerEni: type.ipv4PerEni,
    networkCards: type.networkCards.length,
    vcpus: type.vcpus,
    memoryMib: type.memoryMib,
    hypervisor: type.bareMetal ? 'bare metal' : type.hypervisor,
    prefixDelegation: type.prefixDelegation,
    modes,
    branchEnis: type.trunkCompatible === true ? type.branchInterfaces : undefined,
    trunkCompatible: type.trunkCompatible,
    allocatable:
      left === undefined
        ? undefined
        : { cpuMilli: left.cpuMilli, memoryMib: Math.floor(left.memoryKib / 1024) },
    notes: notesOf(type),
  };
}

function notesOf(type: InstanceType): readonly string[] {
  const notes = [
    'a self-managed node without a limit of its own gets the first sum, whatever the CNI mode',
  ];
  if (!type.prefixDelegation)
    notes.push(
      'not a Nitro type: no prefix delegation, no IPv6; ENABLE_PREFIX_DELEGATION falls back',
    );
  else notes.push('IPv6: one /80 per node, so addresses set no limit');
  if (type.bareMetal)
    notes.push(
      "the CNI hands out prefixes on bare metal, but EKS's calculator does not count them",
    );
  if (type.trunkCompatible === true)
    notes.push(
      'with ENABLE_POD_ENI the trunk takes one ENI slot; the formula does not subtract it',
    );
  if (type.derivedSize) notes.push('vCPUs and memory are derived from a sibling of the family');
  return notes;
}
