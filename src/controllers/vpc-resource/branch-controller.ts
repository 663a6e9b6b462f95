/**
 * controllers/vpc-resource/branch-controller — gives pods that ask for it a branch interface, and
 * takes it back.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/provider/branch
 * provider.go:330-440, trunk/trunk.go:386-520.
 * Reads: Pods, trunks. Writes: EC2, the annotation, events.
 */
import { isApiStatus } from '../../cluster/kubernetes.ts';
import { type AwsError, isAwsError, isTransient } from '../../model/aws-error.ts';
import { primaryAddress } from '../../model/ec2/network-interface.ts';
import type { Kinds } from '../../model/kinds.ts';
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import { arrangeLook } from './branch-queue.ts';
import { securityGroupsOf } from './pod-groups.ts';
import { subnetOfNode } from './pod-subnet.ts';
import { COMPONENT, ownerTags, type ResourceParts, wait, wakeWaiting } from './resource-parts.ts';
import { annotationOf, type BranchEni, type Trunk } from './trunk.ts';

const TRY_AGAIN_MS = 5_000;
/** maxWorkerCount, pkg/config/loader.go. */
const WORKERS = 20;

const wantsBranch = (pod: Pod): boolean =>
  pod.spec.containers[0]?.resources?.limits?.[POD_ENI] !== undefined ||
  pod.spec.containers.some((one) => one.resources?.requests?.[POD_ENI] !== undefined);

export const branchController = (parts: ResourceParts): Controller<Kinds> => ({
  name: 'vpc-resource-branch',
  concurrency: WORKERS,
  watches: [
    watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => {
      const pod = value ?? previous;
      return pod !== undefined && wantsBranch(pod) ? [key] : [];
    }),
    // The trunk is ready when the node advertises its capacity.
    watch<Kinds, 'Node'>('Node', ({ key }) =>
      parts.trunks.has(key) ? wakeWaiting(parts, key) : [],
    ),
    // A branch that is gone leaves room.
    watch<Kinds, 'ec2/network-interface'>('ec2/network-interface', ({ value, previous }) => {
      const trunkId = previous?.trunk?.trunkInterfaceId;
      if (value !== undefined || trunkId === undefined) return [];
      const instanceId = parts.store.get('ec2/network-interface', trunkId)?.attachment?.instanceId;
      if (instanceId === undefined) return [];
      const [node] = parts.store.lookup('Node', 'instance', instanceId);
      return node === undefined ? [] : wakeWaiting(parts, node.metadata.name);
    }),
  ],
  reconcile: (podKey) => reconcilePod(parts, podKey),
});

async function reconcilePod(parts: ResourceParts, podKey: string): Promise<Result> {
  const pod = parts.store.get('Pod', podKey);
  if (pod === undefined || isPodTerminal(pod)) {
    releaseBranch(parts, podKey);
    return done;
  }
  const nodeName = pod.spec.nodeName;
  if (nodeName === undefined || pod.metadata.annotations?.[POD_ENI] !== undefined) return done;
  const trunk = parts.trunks.get(nodeName);
  if (trunk === undefined) {
    wait(parts, nodeName, podKey);
    return done;
  }
  return allocate(parts, trunk, pod);
}

function releaseBranch(parts: ResourceParts, podKey: string): void {
  for (const waiting of parts.waitingPods.values()) waiting.delete(podKey);
  const nodeName = parts.nodeOfPod.get(podKey);
  const trunk = nodeName === undefined ? undefined : parts.trunks.get(nodeName);
  parts.nodeOfPod.delete(podKey);
  if (trunk?.release(podKey, parts.clock.now())) arrangeLook(parts, trunk);
}

const tell = (
  { kubernetes }: ResourceParts,
  pod: Pod,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void => kubernetes.recordEvent(pod, { type, reason, message, component: COMPONENT });

async function allocate(parts: ResourceParts, trunk: Trunk, pod: Pod): Promise<Result> {
  const podKey = keyOf(pod);
  const groups = securityGroupsOf(parts.store, pod);
  if ('error' in groups) return requeue(TRY_AGAIN_MS, groups.error, { background: true });
  if (groups.length === 0)
    tell(
      parts,
      pod,
      'Warning',
      'SecurityGroupRequested',
      "Pod will get the instance security group as the pod didn't match any Security Group from " +
        'SecurityGroupPolicy',
    );
  else {
    const text = `Pod will get the following Security Groups [${groups.join(' ')}]`;
    tell(parts, pod, 'Normal', 'SecurityGroupRequested', text);
  }
  if (!trunk.canCreateMore()) {
    wait(parts, trunk.nodeName, podKey);
    return done;
  }
  const branch = await createBranch(parts, trunk, groups);
  if (isAwsError(branch)) {
    const message = `failed to allocate branch ENI to pod: ${branch.code}: ${branch.message}`;
    tell(parts, pod, 'Warning', 'BranchAllocationFailed', message);
    return requeue(TRY_AGAIN_MS, message, { background: !isTransient(branch) });
  }
  return annotate(parts, trunk, pod, branch);
}

function annotate(parts: ResourceParts, trunk: Trunk, pod: Pod, branch: BranchEni): Result {
  const podKey = keyOf(pod);
  const text = annotationOf(branch);
  // The pod may have gone while EC2 worked; one of the same name is another pod.
  const current = parts.store.get('Pod', podKey);
  if (current?.metadata.uid !== pod.metadata.uid) {
    trunk.discard(branch);
    arrangeLook(parts, trunk);
    return done;
  }
  parts.ownWrites.set(podKey, text);
  const patched = parts.kubernetes.patch('Pod', podKey, 'merge', {
    metadata: { annotations: { [POD_ENI]: text } },
  });
  parts.ownWrites.delete(podKey);
  if (isApiStatus(patched)) {
    trunk.discard(branch);
    arrangeLook(parts, trunk);
    const message = `failed to annotate pod with branch ENI details: ${patched.message}`;
    tell(parts, pod, 'Warning', 'BranchENIAnnotationFailed', message);
    return requeue(TRY_AGAIN_MS, message, { background: true });
  }
  trunk.branches.set(podKey, branch);
  parts.nodeOfPod.set(podKey, trunk.nodeName);
  tell(parts, pod, 'Normal', 'ResourceAllocated', `Allocated ${text} to the pod`);
  return done;
}

/** Makes a branch interface and puts it on the trunk; what was made is undone on failure. */
async function createBranch(
  parts: ResourceParts,
  trunk: Trunk,
  groups: readonly string[],
): Promise<BranchEni | AwsError> {
  const { ec2, store } = parts;
  const vlanId = trunk.takeVlan();
  if (vlanId === undefined)
    return { kind: 'aws-error', code: 'NoVlan', message: 'failed to find free vlan id' };
  trunk.pending++;
  const place = subnetOfNode(parts, trunk);
  const created = await ec2.createNetworkInterface({
    subnetId: place.subnetId,
    description: 'aws-k8s-branch-eni',
    groups: groups.length > 0 ? groups : place.groups,
    tags: {
      ...ownerTags(parts.options.clusterName),
      'vpcresources.k8s.aws/vlan-id': String(vlanId),
      'vpcresources.k8s.aws/trunk-eni-id': trunk.trunkId,
    },
  });
  if (isAwsError(created)) {
    trunk.pending--;
    trunk.freeVlan(vlanId);
    return created;
  }
  const subnet = store.get('ec2/subnet', created.subnetId);
  const branch = {
    eniId: created.networkInterfaceId,
    ifAddress: created.macAddress,
    privateIp: primaryAddress(created),
    ipv6Addr: created.ipv6Addresses[0] ?? '',
    vlanId,
    subnetCidr: subnet?.cidrBlock ?? '',
    subnetV6Cidr: subnet?.ipv6CidrBlock?.cidrBlock ?? '',
    associationID: '',
  };
  const associated = await ec2.associateTrunkInterface({
    trunkInterfaceId: trunk.trunkId,
    branchInterfaceId: created.networkInterfaceId,
    vlanId,
  });
  trunk.pending--;
  if (!isAwsError(associated)) return { ...branch, associationID: associated.associationId };
  trunk.discard(branch);
  arrangeLook(parts, trunk);
  return associated;
}
