/**
 * model/eks/node-capacity — what a node has, what the kubelet keeps, and what is left for pods.
 *
 * Upstream: awslabs/amazon-eks-ami@81fec2e8 nodeadm/internal/kubelet/config.go:110 (eviction),
 * :274-287 (reserved), :410-443 (the arithmetic); shared spec eks-defaults.md §7.
 * Reads: InstanceType.  Writes: nothing.
 */

import type { InstanceType } from '../ec2/instance-type.ts';

const KIB_PER_MIB = 1024;
const KIB_PER_GIB = 1024 * 1024;

/** What nodeadm writes as kubeReserved; there is no systemReserved. */
export interface KubeReserved {
  readonly cpuMilli: number;
  readonly memoryMib: number;
  readonly ephemeralMib: number;
}

/** config.go cpuRanges and percentages: from which millicore on, which share in 1/10 000. */
const CPU_RANGES = [
  { fromMilli: 0, toMilli: 1000, perTenThousand: 600 },
  { fromMilli: 1000, toMilli: 2000, perTenThousand: 100 },
  { fromMilli: 2000, toMilli: 4000, perTenThousand: 50 },
  { fromMilli: 4000, toMilli: Number.POSITIVE_INFINITY, perTenThousand: 25 },
] as const;

/** config.go:441 getMemoryMebibytesToReserve. */
const MEMORY_MIB_PER_POD = 11;
const MEMORY_MIB_BASE = 255;

const EPHEMERAL_RESERVED_MIB = 1024;

/**
 * CPU, memory and ephemeral storage nodeadm reserves for Kubernetes' own daemons.
 *
 * @param maxPods  nodeadm's own result (formula or maxPodsExpression); a `maxPods` set later in the
 *                 kubelet's configuration does not change what was reserved
 */
export const kubeReserved = (vcpus: number, maxPods: number): KubeReserved => {
  const totalMilli = vcpus * 1000;
  let cpuMilli = 0;
  for (const { fromMilli, toMilli, perTenThousand } of CPU_RANGES) {
    if (totalMilli <= fromMilli) break;
    const inRangeMilli = Math.min(totalMilli, toMilli) - fromMilli;
    cpuMilli += Math.trunc((inRangeMilli * perTenThousand) / 10_000);
  }
  return {
    cpuMilli,
    memoryMib: MEMORY_MIB_PER_POD * maxPods + MEMORY_MIB_BASE,
    ephemeralMib: EPHEMERAL_RESERVED_MIB,
  };
};

/** Amounts of a node, as in `node.status.capacity` or `.allocatable`. */
export interface NodeResources {
  readonly cpuMilli: number;
  readonly memoryKib: number;
  readonly ephemeralKib: number;
  readonly pods: number;
}

/** What is known of the node besides its type. */
export interface NodeMeasures {
  /** Root volume in GiB; a managed node group's default is 20. */
  readonly rootVolumeGib?: number | undefined;
  /** MemTotal, when the node was imported. */
  readonly memTotalKib?: number | undefined;
  /** The maxPods the memory reservation was made for, when it is not the node's limit. */
  readonly reservedForPods?: number | undefined;
}

/** EKS API, CreateNodegroup diskSize: 20 GiB for Linux. */
const DEFAULT_ROOT_VOLUME_GIB = 20;

/**
 * What partitions and XFS take from an AL2023 root volume: nodes with 20 GiB report 20893676Ki
 * (several public `kubectl describe node` listings of 2025 and 2026).
 */
const ROOT_VOLUME_OVERHEAD_KIB = 77_844;

/** MemTotal over nominal memory where not imported; m5.large shows 0.938 (vpc-cni#148). A guess. */
const MEM_TOTAL_PERCENT = 94;

/** config.go:110 evictionHard. */
const EVICTION_MEMORY_MIB = 100;
const EVICTION_NODEFS_PERCENT = 10;

/** What the node has (`node.status.capacity`); undefined when its type's size is unknown. */
export const nodeCapacity = (
  type: InstanceType,
  maxPods: number,
  { rootVolumeGib = DEFAULT_ROOT_VOLUME_GIB, memTotalKib }: NodeMeasures = {},
): NodeResources | undefined => {
  if (type.vcpus === undefined || type.memoryMib === undefined) return undefined;
  return {
    cpuMilli: type.vcpus * 1000,
    memoryKib: memTotalKib ?? Math.trunc((type.memoryMib * KIB_PER_MIB * MEM_TOTAL_PERCENT) / 100),
    ephemeralKib: rootVolumeGib * KIB_PER_GIB - ROOT_VOLUME_OVERHEAD_KIB,
    pods: maxPods,
  };
};

/**
 * What pods may use (`node.status.allocatable`): capacity less kubeReserved less the hard eviction
 * thresholds (memory 100 MiB, node file system 10 %). Undefined when the type's size is unknown.
 */
export const allocatable = (
  type: InstanceType,
  maxPods: number,
  measures: NodeMeasures = {},
): NodeResources | undefined => {
  const capacity = nodeCapacity(type, maxPods, measures);
  if (capacity === undefined) return undefined;
  const reserved = kubeReserved(capacity.cpuMilli / 1000, measures.reservedForPods ?? maxPods);
  const keptMemoryKib = (reserved.memoryMib + EVICTION_MEMORY_MIB) * KIB_PER_MIB;
  const usableEphemeralKib = (capacity.ephemeralKib * (100 - EVICTION_NODEFS_PERCENT)) / 100;
  const keptEphemeralKib = reserved.ephemeralMib * KIB_PER_MIB;
  return {
    cpuMilli: capacity.cpuMilli - reserved.cpuMilli,
    memoryKib: Math.max(0, capacity.memoryKib - keptMemoryKib),
    ephemeralKib: Math.max(0, Math.trunc(usableEphemeralKib - keptEphemeralKib)),
    pods: maxPods,
  };
};
