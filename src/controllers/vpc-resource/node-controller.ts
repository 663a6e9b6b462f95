/**
 * controllers/vpc-resource/node-controller — gives nodes a CNINode, and a trunk to those that are
 * to carry branch interfaces; cleans up after nodes that left.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 pkg/node/manager/manager.go,
 * pkg/provider/branch/provider.go:150-300, trunk.go:203-380.
 * Reads: Nodes, CNINodes, interfaces. Writes: CNINodes, EC2, node status, events.
 */

import { type AwsError, awsError, isAwsError, isTransient } from '../../model/aws-error.ts';
import { type InstanceType, instanceType } from '../../model/ec2/instance-type.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Kinds } from '../../model/kinds.ts';
import { COMPUTE_TYPE_LABEL, isFargate } from '../../model/kubernetes/compute-type.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import type { CniNode } from '../../model/kubernetes/networking.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import {
  type Controller,
  done,
  itself,
  type Result,
  requeue,
  watch,
} from '../../sim/controller.ts';
import { arrangeLook } from './branch-queue.ts';
import { COMPONENT, ownerTags, type ResourceParts } from './resource-parts.ts';
import { branchOfAnnotation, Trunk } from './trunk.ts';

const CLEAN_UP_AFTER_MS = 60_000;
const TRY_AGAIN_MS = 60_000;
const TRUNK_LABEL = 'vpc.amazonaws.com/has-trunk-attached';
const FEATURE = 'SecurityGroupsForPods';
const FINALIZER = 'networking.k8s.aws/resource-cleanup';

/** Each failure is told once per node and cause, as upstream's cache of events does. */
type Told = Set<string>;

/** `node reason` of what a controller before this one said: it is not said again. */
const heardFromBefore = ({ store }: ResourceParts): Told =>
  new Set(
    store
      .list('Event')
      .filter(({ source }) => source.component === COMPONENT)
      .map(({ involvedObject, reason }) => `${involvedObject.name} ${reason}`),
  );

export function nodeController(parts: ResourceParts): Controller<Kinds> {
  const told: Told = new Set();
  const heard = heardFromBefore(parts);
  const leftAtMs = new Map<string, number>();
  /** Instances without a free slot for their trunk. */
  const waiting = new Map<string, string>();
  return {
    name: 'vpc-resource-node',
    watches: [
      watch<Kinds, 'Node'>('Node', itself),
      watch<Kinds, 'CNINode'>('CNINode', itself),
      watch<Kinds, 'ec2/network-interface'>('ec2/network-interface', ({ value, previous }) => {
        const instanceId = previous?.attachment?.instanceId;
        if (instanceId === undefined || value?.attachment !== undefined) return [];
        const nodeName = waiting.get(instanceId);
        waiting.delete(instanceId);
        return nodeName === undefined ? [] : [nodeName];
      }),
    ],
    async reconcile(nodeName) {
      const node = parts.store.get('Node', nodeName);
      if (node === undefined) return leave(parts, nodeName, leftAtMs);
      leftAtMs.delete(nodeName);
      if (!isOurs(node)) return done;
      ensureCniNode(parts, node);
      if (!wantsTrunk(parts, node)) return done;
      return ensureTrunk(parts, node, { told, heard }, waiting);
    },
    stop() {
      parts.stopped = true;
    },
  };
}

/** EC2 nodes that EKS does not run itself. */
const isOurs = (node: Node): boolean => {
  const compute = node.metadata.labels?.[COMPUTE_TYPE_LABEL];
  return (
    compute !== 'auto' &&
    !isFargate(node) &&
    (instanceIdOf(node) ?? '').startsWith('i-') &&
    (node.metadata.labels?.['kubernetes.io/os'] ?? 'linux') === 'linux'
  );
};

const wantsTrunk = ({ store }: ResourceParts, node: Node): boolean =>
  node.metadata.labels?.[TRUNK_LABEL] !== undefined ||
  (store
    .get('CNINode', node.metadata.name)
    ?.spec.features?.some((feature) => feature.name === FEATURE) ??
    false);

function ensureCniNode({ store, kubernetes, options }: ResourceParts, node: Node): void {
  if (store.get('CNINode', node.metadata.name) !== undefined) return;
  const cniNode: CniNode = {
    apiVersion: 'vpcresources.k8s.aws/v1alpha1',
    kind: 'CNINode',
    metadata: {
      name: node.metadata.name,
      finalizers: [FINALIZER],
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Node', name: node.metadata.name, uid: node.metadata.uid ?? '' },
      ],
    },
    spec: { tags: { [`kubernetes.io/cluster/${options.clusterName}`]: 'owned' } },
  };
  kubernetes.create(cniNode);
}

const tell = (
  { kubernetes }: ResourceParts,
  node: Node,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void => kubernetes.recordEvent(node, { type, reason, message, component: COMPONENT });

async function ensureTrunk(
  parts: ResourceParts,
  node: Node,
  { told, heard }: { readonly told: Told; readonly heard: Told },
  waiting: Map<string, string>,
): Promise<Result> {
  const nodeName = node.metadata.name;
  const instanceId = instanceIdOf(node) ?? '';
  const instance = parts.store.get('ec2/instance', instanceId);
  if (instance === undefined) return done;
  const type = instanceType(instance.instanceType);
  const once = (key: string, reason: string, speak: () => void): void => {
    if (told.has(`${nodeName} ${key}`)) return;
    told.add(`${nodeName} ${key}`);
    if (!heard.has(`${nodeName} ${reason}`)) speak();
  };
  if (type?.trunkCompatible !== true) {
    // The CNI takes an unknown type for compatible; this controller does not.
    const text =
      `The instance type ${instance.instanceType} is not supported for trunk interface ` +
      '(Security Group for Pods)';
    once('unsupported', 'Unsupported', () => tell(parts, node, 'Warning', 'Unsupported', text));
    return done;
  }
  if (!parts.trunks.has(nodeName)) {
    const trunkId = await findOrCreateTrunk(parts, instanceId, type);
    if (isAwsError(trunkId)) {
      once(trunkId.code, FAILED_INIT, () => tellTrunkFailure(parts, node, trunkId));
      if (trunkId.code === NO_SLOT) waiting.set(instanceId, nodeName);
      return requeue(TRY_AGAIN_MS, trunkId.code, { background: !isTransient(trunkId) });
    }
    const trunk = new Trunk({
      trunkId,
      nodeName,
      instanceId,
      limit: type.branchInterfaces ?? 0,
      startedAtMs: parts.clock.now(),
    });
    adoptBranches(parts, trunk);
    parts.trunks.set(nodeName, trunk);
    const text = 'The node has trunk interface initialized successfully';
    // A controller that starts again finds the trunk, and the capacity it once wrote.
    if (node.status?.capacity?.[POD_ENI] === undefined) {
      tell(parts, node, 'Normal', 'NodeTrunkInitiated', text);
    }
  }
  advertise(parts, nodeName, type.branchInterfaces ?? 0);
  return done;
}

function tellTrunkFailure(parts: ResourceParts, node: Node, error: AwsError): void {
  if (error.code !== NO_SLOT) {
    const advice =
      error.code === 'UnauthorizedOperation'
        ? ': Please verify the cluster IAM role has AmazonEKSVPCResourceController policy'
        : '';
    const text = `Failed to create trunk interface: Error Code: ${error.code}${advice}`;
    tell(parts, node, 'Warning', 'TrunkENICreationFailed', text);
  }
  const text = 'The node failed initializing trunk interface';
  tell(parts, node, 'Normal', FAILED_INIT, text);
}

const NO_SLOT = 'NoFreeDeviceIndex';
const FAILED_INIT = 'NodeTrunkFailedInit';

/** The instance's trunk, or a new one at the highest free device index. */
async function findOrCreateTrunk(
  { ec2, store, options }: ResourceParts,
  instanceId: string,
  type: InstanceType,
): Promise<string | AwsError> {
  const enis = store.lookup('ec2/network-interface', 'instance', instanceId);
  const existing = enis.find((eni) => eni.interfaceType === 'trunk');
  if (existing !== undefined) return existing.networkInterfaceId;
  const primary = enis.find((eni) => eni.attachment?.deviceIndex === 0);
  const deviceIndex = highestFreeIndex(enis, type);
  if (primary === undefined || deviceIndex === undefined)
    return awsError(NO_SLOT, 'failed to find free device index');
  const created = await ec2.createNetworkInterface({
    subnetId: primary.subnetId,
    description: 'aws-k8s-trunk-eni',
    groups: primary.groups,
    interfaceType: 'trunk',
    tags: { ...ownerTags(options.clusterName) },
  });
  if (isAwsError(created)) return created;
  const networkInterfaceId = created.networkInterfaceId;
  const attached = await ec2.attachNetworkInterface({
    networkInterfaceId,
    instanceId,
    deviceIndex,
    networkCardIndex: type.defaultNetworkCardIndex,
    deleteOnTermination: true,
  });
  if (!isAwsError(attached)) return networkInterfaceId;
  await ec2.deleteNetworkInterface({ networkInterfaceId });
  return attached;
}

/** The CNI takes the lowest free index, so the two seldom meet. */
function highestFreeIndex(
  enis: readonly NetworkInterface[],
  type: InstanceType,
): number | undefined {
  const taken = new Set(
    enis
      .filter((eni) => eni.attachment?.networkCardIndex === type.defaultNetworkCardIndex)
      .map((eni) => eni.attachment?.deviceIndex),
  );
  for (let index = type.maxEnis - 1; index > 0; index--) if (!taken.has(index)) return index;
  return undefined;
}

/** A trunk that was there before: its pods keep their branches, branches without a pod go. */
function adoptBranches(parts: ResourceParts, trunk: Trunk): void {
  const { store } = parts;
  const adopted = new Set<string>();
  for (const pod of store.lookup('Pod', 'node', trunk.nodeName)) {
    const branch = branchOfAnnotation(pod.metadata.annotations?.[POD_ENI]);
    if (branch === undefined) continue;
    trunk.branches.set(keyOf(pod), branch);
    parts.nodeOfPod.set(keyOf(pod), trunk.nodeName);
    trunk.markVlan(branch.vlanId);
    adopted.add(branch.eniId);
  }
  for (const eni of store.lookup('ec2/network-interface', 'trunk', trunk.trunkId)) {
    if (adopted.has(eni.networkInterfaceId) || eni.trunk === undefined) continue;
    trunk.markVlan(eni.trunk.vlanId);
    trunk.discard({
      eniId: eni.networkInterfaceId,
      ifAddress: eni.macAddress,
      privateIp: '',
      ipv6Addr: '',
      vlanId: eni.trunk.vlanId,
      subnetCidr: '',
      subnetV6Cidr: '',
      associationID: eni.trunk.associationId,
    });
  }
  arrangeLook(parts, trunk);
}

/** Says on the node how many branch interfaces pods may have, once it does not say so. */
function advertise({ store, kubernetes }: ResourceParts, nodeName: string, count: number): void {
  const node = store.get('Node', nodeName);
  const text = String(count);
  if (node === undefined || count === 0) return;
  const { capacity, allocatable } = node.status ?? {};
  if (capacity?.[POD_ENI] !== undefined && allocatable?.[POD_ENI] !== undefined) return;
  kubernetes.updateStatus({
    ...node,
    status: {
      ...node.status,
      capacity: { ...capacity, [POD_ENI]: text },
      allocatable: { ...allocatable, [POD_ENI]: text },
    },
  });
}

/** Pods are evicted after their node is gone, so its branches go a minute later. */
function leave(
  parts: ResourceParts,
  nodeName: string,
  leftAtMs: Map<string, number>,
): Result | Promise<Result> {
  const now = parts.clock.now();
  const trunk = parts.trunks.get(nodeName);
  const cniNode = parts.store.get('CNINode', nodeName);
  if (trunk === undefined && cniNode === undefined) return done;
  const since = leftAtMs.get(nodeName);
  if (since === undefined) {
    leftAtMs.set(nodeName, now);
    return requeue(CLEAN_UP_AFTER_MS, 'pods are evicted first');
  }
  if (now - since < CLEAN_UP_AFTER_MS)
    return requeue(CLEAN_UP_AFTER_MS - (now - since), 'pods are evicted first');
  return cleanUp(parts, nodeName, trunk, cniNode, leftAtMs);
}

async function cleanUp(
  parts: ResourceParts,
  nodeName: string,
  trunk: Trunk | undefined,
  cniNode: CniNode | undefined,
  leftAtMs: Map<string, number>,
): Promise<Result> {
  const { ec2, kubernetes } = parts;
  leftAtMs.delete(nodeName);
  parts.trunks.delete(nodeName);
  const branches = [
    ...(trunk?.branches.values() ?? []),
    ...(trunk?.deleteQueue.map((one) => one.branch) ?? []),
  ];
  for (const { eniId, associationID } of branches) {
    if (associationID !== '')
      await ec2.disassociateTrunkInterface({ associationId: associationID });
    await ec2.deleteNetworkInterface({ networkInterfaceId: eniId });
  }
  trunk?.branches.clear();
  trunk?.deleteQueue.splice(0);
  const stored = cniNode && parts.store.get('CNINode', nodeName);
  if (stored !== undefined) {
    kubernetes.update({ ...stored, metadata: { ...stored.metadata, finalizers: [] } });
    if (parts.store.get('CNINode', nodeName) !== undefined) kubernetes.delete('CNINode', nodeName);
  }
  return done;
}
