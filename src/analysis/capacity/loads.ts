/** analysis/capacity/loads — the cluster's nodes as loads on its subnets. */
import { chosenEniConfig } from '../../controllers/vpc-cni/eni-config.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import type { CniEnvironment } from './cni-environment.ts';
import type { NodeLedger } from './node-ledger.ts';
import type { NodeLoad, SubnetCapacity } from './node-load.ts';
import type { CapacitySource } from './question.ts';
import { addressesForNodes, type SubnetLedger } from './subnet-usage.ts';

const MANAGED_LABEL = 'eks.amazonaws.com/nodegroup';
const SELF_MANAGED_LABEL = 'alpha.eksctl.io/nodegroup-name';
const ZONE_LABEL = 'topology.kubernetes.io/zone';

function nodeGroupOf({ store }: CapacitySource, ledger: NodeLedger): NodeGroup | undefined {
  const labels = ledger.node.metadata.labels ?? {};
  const name = labels[MANAGED_LABEL] ?? labels[SELF_MANAGED_LABEL];
  return store.list('eks/nodegroup').find((group) => group.nodegroupName === name);
}

/** Loads of nodes whose instance and type are known. */
export function nodeLoads(
  source: CapacitySource,
  ledgers: readonly NodeLedger[],
  environment: CniEnvironment,
): readonly NodeLoad[] {
  return ledgers.flatMap((ledger) => {
    const { instance, type, pods, maxPods, node } = ledger;
    if (instance === undefined || type === undefined) return [];
    const group = nodeGroupOf(source, ledger);
    const managed = group?.managed ?? node.metadata.labels?.[MANAGED_LABEL] !== undefined;
    const enforced = managed && group?.imageId === undefined;
    const hostNetworkPods = pods.filter((pod) => pod.spec.hostNetwork === true).length;
    const load: NodeLoad = {
      type,
      pods: pods.length - hostNetworkPods,
      hostNetworkPods,
      maxPods,
      limitedBy: enforced ? 'managed-group' : 'node',
      kubeletMaxPods: group?.maxPodsPerNode,
      subnetId: instance.subnetId,
      podSubnetId: podSubnetOf(source, ledger, environment),
      availabilityZone: instance.availabilityZone,
    };
    return [load];
  });
}

/** The ENIConfig's subnet: by the configured key, or by zone as the guides have it. */
function podSubnetOf(
  { store }: CapacitySource,
  { node }: NodeLedger,
  { env }: CniEnvironment,
): string | undefined {
  const { labels = {}, annotations = {} } = node.metadata;
  const byName = (name: string) => store.get('ENIConfig', name);
  const chosen = chosenEniConfig(env, { labels, annotations }, byName);
  if (!('problem' in chosen)) return chosen.subnet;
  return byName(labels[ZONE_LABEL] ?? '')?.spec.subnet;
}

/** What subnets have for nodes. */
export const subnetCapacities = (ledgers: readonly SubnetLedger[]): readonly SubnetCapacity[] =>
  ledgers.map((ledger) => ({
    subnetId: ledger.usage.subnetId,
    addresses: addressesForNodes(ledger),
    blocks: ledger.blocksWithoutNodes,
  }));
