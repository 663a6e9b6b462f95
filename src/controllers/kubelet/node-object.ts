/**
 * controllers/kubelet/node-object — the Node a kubelet registers for an EC2 instance.
 *
 * Upstream: awslabs/amazon-eks-ami@81fec2e8 nodeadm/internal/kubelet/config.go (labels, provider
 * id, reservations), kubernetes/kubernetes pkg/kubelet/nodestatus/setters.go (conditions),
 * cloud-provider-aws (addresses, topology labels; the failure-domain.beta ones are still set).
 * Pure: from the nouns to the object.
 */

import type { Instance } from '../../model/ec2/instance.ts';
import { instanceType } from '../../model/ec2/instance-type.ts';
import type { Subnet } from '../../model/ec2/subnet.ts';
import { regionOfZone } from '../../model/ec2/zone.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import { kubeletVersion } from '../../model/eks/kubelet-version.ts';
import { type MaxPods, nodeadmMaxPods, selfManagedMaxPods } from '../../model/eks/max-pods.ts';
import { allocatable, type NodeResources, nodeCapacity } from '../../model/eks/node-capacity.ts';
import type { Node, ResourceList, Taint } from '../../model/kubernetes/core.ts';
import type { Condition } from '../../model/kubernetes/meta.ts';
import { NETWORK_NOT_READY } from './node-network.ts';
import * as release from './node-release.data.ts';

export const NOT_READY_TAINT = 'node.kubernetes.io/not-ready';

/** What a Node is made from. */
export interface NodeSource {
  readonly instance: Instance;
  readonly subnet: Subnet | undefined;
  readonly group: NodeGroup;
  readonly ipFamily: 'ipv4' | 'ipv6';
  /** Timestamp of the registration. */
  readonly at: string;
}

/** The pod limit of a node: enforced by EKS, else maxPodsPerNode, the expression, the formula. */
const nodeMaxPods = (group: NodeGroup, typeName: string): MaxPods => {
  if (group.enforcedMaxPods !== undefined && group.imageId === undefined) {
    return group.enforcedMaxPods;
  }
  return selfManagedMaxPods(instanceType(typeName), {
    kubeletMaxPods: group.maxPodsPerNode,
    maxPodsExpression: group.maxPodsExpression,
  });
};

const resources = (
  of: NodeResources | undefined,
  pods: number,
  ephemeralInBytes: boolean,
): ResourceList => {
  if (of === undefined) return { pods: String(pods) };
  const wholeCores = of.cpuMilli % 1_000 === 0;
  return {
    cpu: wholeCores ? String(of.cpuMilli / 1_000) : `${of.cpuMilli}m`,
    'ephemeral-storage': ephemeralInBytes
      ? String(of.ephemeralKib * 1_024)
      : `${of.ephemeralKib}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${of.memoryKib}Ki`,
    pods: String(of.pods),
  };
};

const architecture = (typeName: string): 'amd64' | 'arm64' =>
  instanceType(typeName)?.arch ?? 'amd64';

const isWindows = (group: NodeGroup): boolean => group.amiType.startsWith('WINDOWS');

const nodeLabels = ({ instance, subnet, group }: NodeSource): Record<string, string> => {
  const { availabilityZone: zone, instanceType: type, privateDnsName, imageId, tags } = instance;
  const region = regionOfZone(zone);
  const arch = architecture(type);
  const os = isWindows(group) ? 'windows' : 'linux';
  const eksctlGroup = tags['alpha.eksctl.io/nodegroup-name'] ?? group.tags[EKSCTL_NODEGROUP];
  return {
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/instance-type': type,
    'beta.kubernetes.io/os': os,
    'failure-domain.beta.kubernetes.io/region': region,
    'failure-domain.beta.kubernetes.io/zone': zone,
    'kubernetes.io/arch': arch,
    'kubernetes.io/hostname': privateDnsName,
    'kubernetes.io/os': os,
    'node.kubernetes.io/instance-type': type,
    'topology.kubernetes.io/region': region,
    'topology.kubernetes.io/zone': zone,
    ...(subnet === undefined ? {} : { 'topology.k8s.aws/zone-id': subnet.availabilityZoneId }),
    ...(eksctlGroup === undefined
      ? {}
      : {
          'alpha.eksctl.io/cluster-name': group.clusterName,
          [EKSCTL_NODEGROUP]: eksctlGroup,
        }),
    ...(group.managed
      ? {
          'eks.amazonaws.com/capacityType': group.capacityType,
          'eks.amazonaws.com/nodegroup': group.nodegroupName,
          'eks.amazonaws.com/nodegroup-image': imageId,
        }
      : {}),
    ...group.labels,
  };
};

const EKSCTL_NODEGROUP = 'alpha.eksctl.io/nodegroup-name';

const system = (group: NodeGroup): { osImage: string; kernelVersion: string } => {
  const { amiType, version } = group;
  if (amiType.startsWith('BOTTLEROCKET')) {
    const osImage = `${release.BOTTLEROCKET_IMAGE} (aws-k8s-${version})`;
    return { osImage, kernelVersion: release.BOTTLEROCKET_KERNEL };
  }
  if (amiType.startsWith('AL2_')) {
    return { osImage: release.AL2_IMAGE, kernelVersion: release.AL2_KERNEL };
  }
  if (isWindows(group)) {
    return { osImage: release.WINDOWS_IMAGE, kernelVersion: release.WINDOWS_KERNEL };
  }
  return { osImage: release.AL2023_IMAGE, kernelVersion: release.AL2023_KERNEL };
};

const nodeInfo = ({ instance, group }: NodeSource): Record<string, string> => {
  const arch = architecture(instance.instanceType);
  const { osImage, kernelVersion } = system(group);
  const minor = Number(group.version.split('.')[1] ?? 0);
  // The SMBIOS UUID of a Nitro instance begins with ec2; the rest stands for the instance.
  const digits = instance.instanceId.replace('i-', '').padEnd(32, '0');
  const uuid = `ec2${digits.slice(0, 5)}-${digits.slice(5, 9)}-${digits.slice(9, 13)}-${digits.slice(13, 17)}-${digits.slice(17, 29)}`;
  return {
    architecture: arch,
    bootID: uuid,
    containerRuntimeVersion:
      minor >= release.CONTAINERD_2_MINOR_MIN ? release.CONTAINERD_2 : release.CONTAINERD_1,
    kernelVersion: arch === 'arm64' ? kernelVersion.replace('x86_64', 'aarch64') : kernelVersion,
    kubeProxyVersion: kubeletVersion(group.version),
    kubeletVersion: kubeletVersion(group.version),
    machineID: uuid.replaceAll('-', ''),
    operatingSystem: isWindows(group) ? 'windows' : 'linux',
    osImage,
    systemUUID: uuid,
  };
};

const addresses = ({ instance, ipFamily }: NodeSource): { type: string; address: string }[] => {
  const { privateIpAddress, ipv6Address, publicIpAddress, privateDnsName } = instance;
  const internal =
    ipFamily === 'ipv6' && ipv6Address !== undefined ? ipv6Address : privateIpAddress;
  const region = regionOfZone(instance.availabilityZone);
  const domain = region === 'us-east-1' ? 'compute-1' : `${region}.compute`;
  const dashed = publicIpAddress?.replaceAll('.', '-');
  return [
    { type: 'InternalIP', address: internal },
    ...(publicIpAddress === undefined ? [] : [{ type: 'ExternalIP', address: publicIpAddress }]),
    { type: 'InternalDNS', address: privateDnsName },
    { type: 'Hostname', address: privateDnsName },
    ...(dashed === undefined
      ? []
      : [{ type: 'ExternalDNS', address: `ec2-${dashed}.${domain}.amazonaws.com` }]),
  ];
};

const pressures = (at: string): Condition[] => {
  const healthy = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
    reason,
    message,
  });
  return [
    healthy(
      'MemoryPressure',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    healthy('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    healthy('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
  ];
};

/** The Ready condition of a node whose network works or does not. */
export const readyCondition = (networkReady: boolean, at: string): Condition => ({
  type: 'Ready',
  status: networkReady ? 'True' : 'False',
  lastHeartbeatTime: at,
  lastTransitionTime: at,
  reason: networkReady ? 'KubeletReady' : 'KubeletNotReady',
  message: networkReady ? 'kubelet is posting ready status' : NETWORK_NOT_READY,
});

/** The conditions of a healthy node. */
const nodeConditions = (networkReady: boolean, at: string): Condition[] => [
  ...pressures(at),
  readyCondition(networkReady, at),
];

/** The Node as the kubelet registers it: not ready, because no network plugin runs yet. */
export const nodeObject = (source: NodeSource): Node => {
  const { instance, group, at } = source;
  const { instanceId, availabilityZone, instanceType: typeName, privateDnsName } = instance;
  const { maxPods } = nodeMaxPods(group, typeName);
  const type = instanceType(typeName);
  const reservedForPods = type && nodeadmMaxPods(type, group.maxPodsExpression).maxPods;
  const taints: Taint[] = [
    ...group.taints,
    // The API server's TaintNodesByCondition admission puts this on every new node.
    { key: NOT_READY_TAINT, effect: 'NoSchedule' },
  ];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: privateDnsName,
      labels: nodeLabels(source),
      annotations: {
        'alpha.kubernetes.io/provided-node-ip': addresses(source)[0]!.address,
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: { providerID: `aws:///${availabilityZone}/${instanceId}`, taints },
    status: {
      capacity: resources(type && nodeCapacity(type, maxPods), maxPods, false),
      allocatable: resources(
        type && allocatable(type, maxPods, { reservedForPods }),
        maxPods,
        true,
      ),
      conditions: nodeConditions(false, at),
      addresses: addresses(source),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: nodeInfo(source),
    },
  };
};
