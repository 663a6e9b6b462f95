/**
 * controllers/vpc-resource/pod-subnet — where a node's branch interfaces are made.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/aws/ec2/instance.go: the
 * ENIConfig's subnet when the CNI said custom networking is on, else the instance's.
 */
import type { ResourceParts } from './resource-parts.ts';
import type { Trunk } from './trunk.ts';

export interface PodSubnet {
  readonly subnetId: string;
  /** For pods no policy matches: the ENIConfig's groups, else the primary interface's. */
  readonly groups: readonly string[];
}

export function subnetOfNode({ store }: ResourceParts, trunk: Trunk): PodSubnet {
  const instance = store.get('ec2/instance', trunk.instanceId);
  const primary = store
    .lookup('ec2/network-interface', 'instance', trunk.instanceId)
    .find((eni) => eni.attachment?.deviceIndex === 0);
  const own = { subnetId: instance?.subnetId ?? '', groups: primary?.groups ?? [] };
  const name = store
    .get('CNINode', trunk.nodeName)
    ?.spec.features?.find((feature) => feature.name === 'CustomNetworking')?.value;
  if (name === undefined) return own;
  const spec = store.get('ENIConfig', name)?.spec;
  if (spec?.subnet === undefined) return own;
  const groups = spec.securityGroups ?? [];
  return { subnetId: spec.subnet, groups: groups.length > 0 ? groups : own.groups };
}
