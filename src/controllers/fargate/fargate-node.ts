/**
 * controllers/fargate/fargate-node — the Node of one Fargate pod: a machine for that pod alone,
 * whose address is the pod's.
 *
 * Shape from public `kubectl get node fargate-ip-… -o yaml` listings. Pure.
 */

import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import { regionOfZone } from '../../model/ec2/zone.ts';
import { kubeletVersion } from '../../model/eks/kubelet-version.ts';
import { COMPUTE_TYPE_LABEL } from '../../model/kubernetes/compute-type.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { PodSize } from './pod-size.ts';

/** What a Fargate node is made from. */
export interface FargateMachine {
  readonly eni: NetworkInterface;
  readonly zoneId: string | undefined;
  readonly size: PodSize;
  /** The cluster's Kubernetes version, `1.33`. */
  readonly version: string;
  readonly ipFamily: 'ipv4' | 'ipv6';
  /** Timestamp of the registration. */
  readonly at: string;
}

/** `ip-10-0-1-5.us-west-2.compute.internal`, as the VPC's resolver knows the interface. */
const privateName = (eni: NetworkInterface): string => {
  const region = regionOfZone(eni.availabilityZone);
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${primaryAddress(eni).replaceAll('.', '-')}.${domain}`;
};

/** `fargate-ip-10-0-1-5.us-west-2.compute.internal`. */
export const fargateNodeName = (eni: NetworkInterface): string => `fargate-${privateName(eni)}`;

const conditions = (at: string): NonNullable<Node['status']>['conditions'] =>
  [
    [
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ].map(([type, status, reason, message]) => ({
    type: type!,
    status: status as 'True' | 'False',
    reason,
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  }));

/** The Node, Ready: Fargate shows a machine when it can run its pod. */
export const fargateNode = (machine: FargateMachine): Node => {
  const { eni, zoneId, size, version, ipFamily, at } = machine;
  const { availabilityZone: zone } = eni;
  const name = fargateNodeName(eni);
  const dnsName = privateName(eni);
  const address = ipFamily === 'ipv6' ? (eni.ipv6Addresses[0] ?? '') : primaryAddress(eni);
  const resources = {
    cpu: String(size.cpuMilli / 1_000),
    'ephemeral-storage': '20Gi',
    memory: `${size.memoryMib}Mi`,
    pods: '1',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        [COMPUTE_TYPE_LABEL]: 'fargate',
        'failure-domain.beta.kubernetes.io/region': regionOfZone(eni.availabilityZone),
        'failure-domain.beta.kubernetes.io/zone': zone,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': dnsName,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': regionOfZone(eni.availabilityZone),
        'topology.kubernetes.io/zone': zone,
        ...(zoneId === undefined ? {} : { 'topology.k8s.aws/zone-id': zoneId }),
      },
    },
    spec: {
      providerID: `aws:///${zone}/${eni.networkInterfaceId.replace('eni-', '')}/${name}`,
      taints: [{ key: COMPUTE_TYPE_LABEL, value: 'fargate', effect: 'NoSchedule' }],
    },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: conditions(at),
      addresses: [
        { type: 'InternalIP', address },
        { type: 'InternalDNS', address: dnsName },
        { type: 'Hostname', address: dnsName },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        containerRuntimeVersion: 'containerd://1.7.28',
        kernelVersion: '5.10.244-240.970.amzn2.x86_64',
        kubeletVersion: kubeletVersion(version),
        kubeProxyVersion: kubeletVersion(version),
        operatingSystem: 'linux',
        osImage: 'Amazon Linux 2',
      },
    },
  };
};
