/**
 * analysis/capacity/node-ledger — a node with all that capacity questions ask of it: instance and
 * type, CNI settings, ENIs and pool, pods and what they request.
 *
 * The pool is ipamd's own account where a twin runs it; for a node known from exports only it is
 * read from its ENIs and its pods' addresses.
 */
import { ADDRESSES_PER_PREFIX } from '../../controllers/vpc-cni/address-count.ts';
import { poolSettings } from '../../controllers/vpc-cni/ipam.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import { type InstanceType, instanceType } from '../../model/ec2/instance-type.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { PoolBlock, PoolEni, PoolState } from '../../model/eks/pool-state.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import { unitsOf } from '../../model/kubernetes/quantity.ts';
import { formatIpv4, parseCidr4 } from '../../net/index.ts';
import type { CniEnvironment } from './cni-environment.ts';
import { type Amounts, addAmounts, amountsOf, podRequest } from './pod-request.ts';
import { type CapacitySource, holdsResources } from './question.ts';
import type { AddressOwners } from './subnet-usage.ts';

export interface NodeLedger {
  readonly nodeName: string;
  readonly node: Node;
  readonly instance: Instance | undefined;
  readonly type: InstanceType | undefined;
  readonly environment: CniEnvironment;
  /** Every interface of the instance. */
  readonly enis: readonly NetworkInterface[];
  readonly pool: PoolState;
  /** `status.allocatable.pods`. */
  readonly maxPods: number;
  /** Bound pods that still hold resources, host-network ones included. */
  readonly pods: readonly Pod[];
  readonly allocatable: Amounts;
  readonly requested: Amounts;
}

/** The kubelet's default, for a node whose status says nothing. */
const MAX_PODS_DEFAULT = 110;

/** Ledgers of all nodes, in store order. Fargate nodes have no instance and carry one pod. */
export function nodeLedgers(
  source: CapacitySource,
  environment: CniEnvironment,
  owners: AddressOwners,
): readonly NodeLedger[] {
  return source.store.list('Node').map((node) => ledgerOf(source, node, environment, owners));
}

function ledgerOf(
  source: CapacitySource,
  node: Node,
  environment: CniEnvironment,
  owners: AddressOwners,
): NodeLedger {
  const { store } = source;
  const nodeName = node.metadata.name;
  const instanceId = instanceIdOf(node) ?? '';
  const instance = store.get('ec2/instance', instanceId);
  const typeName =
    instance?.instanceType ?? node.metadata.labels?.['node.kubernetes.io/instance-type'];
  const type = typeName === undefined ? undefined : instanceType(typeName);
  const enis = store.lookup('ec2/network-interface', 'instance', instanceId);
  const pods = store.lookup('Pod', 'node', nodeName).filter(holdsResources);
  const requested = new Map<string, number>();
  for (const pod of pods) addAmounts(requested, podRequest(pod.spec));
  const allocatable = node.status?.allocatable;
  const podLimit = allocatable?.pods ?? node.status?.capacity?.pods;
  const maxPods = podLimit === undefined ? MAX_PODS_DEFAULT : unitsOf(podLimit);
  const pool =
    source.nodePools(nodeName) ??
    poolFromEnis({ nodeName, type, environment, enis, maxPods, owners });
  return {
    nodeName,
    node,
    instance,
    type,
    environment,
    enis,
    pool,
    maxPods,
    pods,
    allocatable: amountsOf(allocatable),
    requested,
  };
}

interface PoolFacts {
  readonly nodeName: string;
  readonly type: InstanceType | undefined;
  readonly environment: CniEnvironment;
  readonly enis: readonly NetworkInterface[];
  readonly maxPods: number;
  readonly owners: AddressOwners;
}

/** CNI:pkg/ipamd/ipamd.go:260 — an ENI with this tag set to "true" is left alone. */
const NO_MANAGE_TAG = 'node.k8s.amazonaws.com/no_manage';

const isUnmanaged = (eni: NetworkInterface): boolean =>
  eni.attachment?.deviceIndex !== 0 && eni.tags[NO_MANAGE_TAG] === 'true';

/** What ipamd would find on this node when it starts. */
function poolFromEnis(facts: PoolFacts): PoolState {
  const { nodeName, type, environment, maxPods } = facts;
  const { env } = environment;
  const prefixDelegation = env.prefixDelegation && (type?.prefixDelegation ?? true);
  const managed = facts.enis.filter((eni) => !isUnmanaged(eni));
  const settings = poolSettings({
    env,
    prefixDelegation,
    type,
    networkCard: 0,
    unmanagedEnis: facts.enis.length - managed.length,
    maxPods,
  });
  const enis = managed.map((eni) => poolEni(eni, settings, facts.owners));
  return { nodeName, targets: settings, enis };
}

function poolEni(
  eni: NetworkInterface,
  settings: { readonly prefixDelegation: boolean; readonly customNetworking: boolean },
  owners: AddressOwners,
): PoolEni {
  const isPrimary = eni.attachment?.deviceIndex === 0;
  const isTrunk = eni.interfaceType === 'trunk';
  const serves = !isTrunk && !(isPrimary && settings.customNetworking);
  return {
    networkInterfaceId: eni.networkInterfaceId,
    subnetId: eni.subnetId,
    networkCard: eni.attachment?.networkCardIndex ?? 0,
    isPrimary,
    isTrunk,
    excluded: false,
    blocks: serves ? blocksOf(eni, settings.prefixDelegation, owners) : [],
    cooling: 0,
  };
}

function blocksOf(eni: NetworkInterface, prefixes: boolean, owners: AddressOwners): PoolBlock[] {
  if (prefixes)
    return eni.ipv4Prefixes.map((cidr) => ({
      cidr,
      isPrefix: true,
      size: ADDRESSES_PER_PREFIX,
      assigned: assignedIn(cidr, owners),
    }));
  return eni.privateIpAddresses
    .filter(({ primary }) => !primary)
    .map(({ address }) => ({
      cidr: `${address}/32`,
      isPrefix: false,
      size: 1,
      assigned: owners.pods.has(address) ? 1 : 0,
    }));
}

function assignedIn(cidr: string, owners: AddressOwners): number {
  const first = parseCidr4(cidr)?.first;
  if (first === undefined) return 0;
  let count = 0;
  for (let at = 0; at < ADDRESSES_PER_PREFIX; at++)
    if (owners.pods.has(formatIpv4(first + at))) count++;
  return count;
}
